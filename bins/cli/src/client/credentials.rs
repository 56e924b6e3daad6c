//! The file that keeps logins, readable by its owner only.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::args::Global;
use crate::error::CliError;

/// What is kept of a login. No `Debug`: it holds tokens.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Login {
    /// Who.
    pub(crate) email: String,
    /// Good for minutes.
    pub(crate) access_token: String,
    /// Good for one use.
    pub(crate) refresh_token: String,
    /// The project chosen with `projects use`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) project: Option<i64>,
}

#[derive(Default, Serialize, Deserialize)]
struct Content {
    /// The server last logged in to.
    current: Option<String>,
    #[serde(default)]
    servers: BTreeMap<String, Login>,
}

/// The credentials file.
#[derive(Debug, Clone)]
pub(crate) struct Credentials {
    path: PathBuf,
}

impl Credentials {
    /// The file that the flags and the environment name.
    pub(crate) fn of(global: &Global) -> Result<Self, CliError> {
        if let Some(path) = &global.credentials {
            return Ok(Self { path: path.clone() });
        }
        let config = match &global.config_home {
            Some(home) if home.is_absolute() => Some(home.clone()),
            Some(_) | None => std::env::home_dir().map(|home| home.join(".config")),
        };
        let config = config.ok_or_else(|| CliError::Usage("no home directory: give --credentials".to_owned()))?;
        Ok(Self { path: config.join("commandcenter").join("credentials.json") })
    }

    /// The server last logged in to.
    pub(crate) fn current(&self) -> Result<Option<String>, CliError> {
        Ok(self.read()?.current)
    }

    /// The login kept for a server.
    pub(crate) fn login(&self, server: &str) -> Result<Option<Login>, CliError> {
        Ok(self.read()?.servers.remove(server))
    }

    /// Keeps a login and makes its server the current one.
    pub(crate) fn keep(&self, server: &str, login: Login) -> Result<(), CliError> {
        let mut content = self.read()?;
        content.current = Some(server.to_owned());
        content.servers.insert(server.to_owned(), login);
        self.write(&content)
    }

    /// Forgets a login.
    pub(crate) fn forget(&self, server: &str) -> Result<(), CliError> {
        let mut content = self.read()?;
        content.servers.remove(server);
        self.write(&content)
    }

    /// Held while a refresh token is spent: it is good for one use, and a second use would end the session.
    pub(crate) fn lock(&self) -> Result<File, CliError> {
        self.make_directory()?;
        let path = self.path.with_extension("lock");
        let file = private().truncate(false).open(&path).and_then(|file| file.lock().map(|()| file));
        file.map_err(|e| self.fault(&e.to_string()))
    }

    fn read(&self) -> Result<Content, CliError> {
        match fs::read_to_string(&self.path) {
            Ok(text) => serde_json::from_str(&text).map_err(|_| self.fault("not a credentials file; remove it and log in again")),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Content::default()),
            Err(error) => Err(self.fault(&error.to_string())),
        }
    }

    fn write(&self, content: &Content) -> Result<(), CliError> {
        self.make_directory()?;
        let draft = self.path.with_extension(format!("{}.tmp", std::process::id()));
        let text = serde_json::to_string_pretty(content).unwrap_or_default();
        let written = private().truncate(true).open(&draft).and_then(|mut file| file.write_all(text.as_bytes()));
        let kept = written.and_then(|()| fs::rename(&draft, &self.path));
        kept.map_err(|e| self.fault(&e.to_string()))
    }

    fn make_directory(&self) -> Result<(), CliError> {
        let directory = self.path.parent().unwrap_or_else(|| Path::new("."));
        fs::create_dir_all(directory).map_err(|e| self.fault(&e.to_string()))
    }

    fn fault(&self, problem: &str) -> CliError {
        CliError::Failed(format!("{}: {problem}", self.path.display()))
    }
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(email: &str) -> Login {
        Login { email: email.to_owned(), ..Login::default() }
    }

    #[test]
    fn logins_are_kept_a_server_and_for_the_owner_only() {
        let dir = tempfile::tempdir().unwrap();
        let credentials = Credentials { path: dir.path().join("new/credentials.json") };
        assert!(credentials.login("http://a").unwrap().is_none());
        credentials.keep("http://a", login("ann")).unwrap();
        credentials.keep("http://b", login("bob")).unwrap();
        assert_eq!(credentials.current().unwrap().as_deref(), Some("http://b"));
        assert_eq!(credentials.login("http://a").unwrap().unwrap().email, "ann");
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&credentials.path).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
        credentials.forget("http://a").unwrap();
        assert!(credentials.login("http://a").unwrap().is_none());
    }

    #[test]
    fn a_damaged_file_says_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("credentials.json");
        fs::write(&path, "{").unwrap();
        let error = Credentials { path }.login("http://a").err().unwrap();
        assert!(error.to_string().contains("log in again"), "{error}");
    }
}

//! Makes sure that there is a folder to embed, so that checking the workspace never needs Node.js.

use std::path::Path;
use std::time::SystemTime;
use std::{fs, io};

/// What people see who open the page of a build without a dashboard.
const PLACEHOLDER: &str = "<!doctype html>
<html lang=\"en\">
<head><meta charset=\"utf-8\"><title>CommandCenter</title></head>
<body><h1>CommandCenter</h1><p>This build has no dashboard: run <code>cargo xtask ui</code> and build again. The API is described at <a href=\"/docs\">/docs</a>.</p></body>
</html>
";

fn main() -> io::Result<()> {
    let dist = Path::new("ui/dist");
    if !dist.join("index.html").exists() {
        fs::create_dir_all(dist)?;
        fs::write(dist.join("index.html"), PLACEHOLDER)?;
        // Older than every source, so that no one takes it for a finished build.
        fs::File::options().write(true).open(dist.join("index.html"))?.set_modified(SystemTime::UNIX_EPOCH)?;
    }
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=ui/dist");
    Ok(())
}

//! The repositories that are played.

use super::script::Script;

const README: &str = "# Hello World\n\nThis repository says hello. Read the [guide](docs/guide.md) first.\n";
const GUIDE: &str = "# Guide\n\n## Saying hello\n\nRun `hello --name Ann` and the program greets Ann in the language of her locale.\n";
const GUIDE_2: &str = "# Guide\n\n## Saying hello\n\nRun `hello --name Ann --polite` and the program greets Ann with a bow.\n";
const INSTALL: &str = "Installation\n============\n\nUnpack the archive and put the program on the search path.\n";
const NOTES: &str = "Release notes: the first version greets one person at a time.\n";

/// `octocat/Hello-World`: three commits, then two more that change, move, remove and add documents.
#[must_use]
pub fn hello_world() -> Script {
    Script::new("octocat", "Hello-World")
        .commit("Initial commit", &[("README.md", Some(README)), ("src/main.rs", Some("fn main() {}\n"))])
        .commit("Document the program", &[("docs/guide.md", Some(GUIDE)), ("docs/setup/install.rst", Some(INSTALL))])
        .commit("Add notes and a logo", &[("docs/notes.txt", Some(NOTES)), ("docs/logo.svg", Some("<svg/>"))])
        .stage()
        .commit("Be polite\n\nA bow costs nothing.", &[("docs/guide.md", Some(GUIDE_2)), ("docs/notes.txt", None)])
        .commit(
            "Move the installation",
            &[
                ("docs/setup/install.rst", None),
                ("docs/install.rst", Some(INSTALL)),
                ("docs/faq.md", Some("# FAQ\n\nWhy hello? Because.\n")),
            ],
        )
        .stage()
}

/// `octo-org/handbook`: an engineering handbook of a dozen pages.
#[must_use]
pub fn handbook() -> Script {
    Script::new("octo-org", "handbook")
        .commit("Start the handbook", &[("README.md", Some("# Engineering handbook\n\nHow we build, release and run our services.\n"))])
        .commit(
            "Security pages",
            &[
                (
                    "docs/security/keys.md",
                    Some(
                        "# Keys\n\n## Rotating the signing keys\n\nSigning keys are rotated every ninety days. Make a new key pair with `keyctl new`, publish the public half, wait one day \
                         until every cache has it, switch the signer over, and revoke the old key a week later.\n\n## Storing secrets\n\nSecrets live in the vault and are never written to disk.\n",
                    ),
                ),
                ("docs/security/incidents.md", Some("# Incidents\n\nWhoever notices an incident opens a channel, names a lead and writes a timeline.\n")),
            ],
        )
        .commit(
            "Operations pages",
            &[
                ("docs/operations/backups.md", Some("# Backups\n\nThe database is copied every night and restored into a scratch server every week, because a backup nobody restored is a hope.\n")),
                ("docs/operations/on-call.md", Some("# On call\n\nA shift lasts one week. Hand over on Monday with a list of what is still smouldering.\n")),
                ("docs/operations/deployments.md", Some("# Deployments\n\nA deployment goes to one server first, watches the error rate for ten minutes and then rolls out to the rest.\n")),
                ("docs/operations/monitoring.rst", Some("Monitoring\n==========\n\nEvery service exposes latency, traffic, errors and saturation.\n")),
            ],
        )
        .commit(
            "Development pages",
            &[
                ("docs/development/reviews.md", Some("# Code reviews\n\nA reviewer answers within a day. Small changes are read first.\n")),
                ("docs/development/testing.md", Some("# Testing\n\nTests use real databases; only the outside world is faked.\n")),
                ("docs/development/style.txt", Some("Names are words. Comments give reasons.\n")),
            ],
        )
        .stage()
        .commit("Rotate faster", &[("docs/security/keys.md", Some("# Keys\n\n## Rotating the signing keys\n\nSigning keys are rotated every thirty days by the robot.\n"))])
        .stage()
}

/// `octocat/empty`: no commits.
#[must_use]
pub fn empty() -> Script {
    Script::new("octocat", "empty")
}

/// `octocat/huge`: a text of 200 MiB by its tree, and one that is larger than its tree says.
#[must_use]
pub fn huge() -> Script {
    Script::new("octocat", "huge")
        .commit("Start", &[("README.md", Some("# Huge\n\nSmall beside its documents.\n"))])
        .commit_claiming("docs/huge.txt", b"not really".to_vec(), 200 * 1024 * 1024)
        .commit_claiming("docs/liar.txt", vec![b'x'; 12 * 1024 * 1024], 100)
}

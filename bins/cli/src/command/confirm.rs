//! Asking before something is lost.

use std::io::{IsTerminal, Write};

use crate::error::CliError;

/// Goes on when a person types the word. Where there is no terminal nobody can be asked, and `--yes` must have been given.
///
/// # Errors
/// [`CliError::Usage`] without a terminal, [`CliError::Failed`] on any other answer.
pub(crate) async fn confirm(what: &str, word: &'static str) -> Result<(), CliError> {
    if !std::io::stdin().is_terminal() {
        return Err(CliError::Usage(format!("{what}: give --yes")));
    }
    let question = question(what, word);
    let answer = tokio::task::spawn_blocking(move || {
        let mut answer = String::new();
        let asked = std::io::stderr().write_all(question.as_bytes());
        asked.and_then(|()| std::io::stdin().read_line(&mut answer)).map(|_| answer)
    });
    match answer.await {
        Ok(Ok(answer)) if answer.trim() == word => Ok(()),
        Ok(Ok(_) | Err(_)) | Err(_) => Err(CliError::Failed("nothing was changed".to_owned())),
    }
}

fn question(what: &str, word: &str) -> String {
    let mut letters = what.chars();
    let first: String = letters.next().map(|letter| letter.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}. Type `{word}` to go on: ", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_a_sentence_with_its_answer() {
        assert_eq!(question("this cancels 3 jobs", "yes"), "This cancels 3 jobs. Type `yes` to go on: ");
        assert_eq!(question("", "yes"), ". Type `yes` to go on: ");
    }
}

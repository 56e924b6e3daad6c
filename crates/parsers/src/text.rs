//! Bytes as text: UTF-8, UTF-16 and, with a warning, what older systems wrote.

use commandcenter_domain::knowledge::ReadError;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// More than one control character in this many bytes is no text in any encoding.
const CONTROLS: usize = 50;
/// Fewer zeros say nothing.
const FEWEST_WIDE: usize = 4;
/// Where a web page says in which encoding it is.
const DECLARATION: usize = 2048;

/// A text and what was guessed about it.
#[derive(Debug)]
pub(crate) struct Decoded {
    pub(crate) text: String,
    pub(crate) warning: Option<String>,
}

/// The text of these bytes, without a byte order mark.
pub(crate) fn decode(bytes: &[u8]) -> Result<Decoded, ReadError> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes)
        && encoding != UTF_8
    {
        return Ok(read_as(encoding, &bytes[mark..]));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Some(at) = bytes.iter().position(|&byte| byte == 0) {
        return wide(bytes).map(|encoding| read_as(encoding, bytes)).ok_or(ReadError::Nul(at));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Decoded { text: text.to_owned(), warning: None }),
        Err(err) if is_binary(bytes) => Err(ReadError::NotUtf8(err.valid_up_to())),
        Err(_) => Ok(read_as(declared(bytes).unwrap_or(WINDOWS_1252), bytes)),
    }
}

fn read_as(encoding: &'static Encoding, bytes: &[u8]) -> Decoded {
    let (text, had_errors) = encoding.decode_without_bom_handling(bytes);
    let name = if encoding == WINDOWS_1252 { "Latin-1 (Windows-1252)" } else { encoding.name() };
    let lost = if had_errors { "; some characters could not be read" } else { "" };
    // What is left of a character that nobody could read is not text.
    let text = text.replace('\0', "");
    Decoded { text, warning: Some(format!("the file is not UTF-8: it was read as {name}{lost}")) }
}

/// UTF-16 without a mark: every other byte of plain English is zero.
fn wide(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(4096) & !1];
    let zeros = |from: usize| head.iter().skip(from).step_by(2).filter(|&&byte| byte == 0).count();
    let (even, odd, most) = (zeros(0), zeros(1), (head.len() / 5).max(FEWEST_WIDE));
    if odd >= most && even == 0 {
        Some(UTF_16LE)
    } else if even >= most && odd == 0 {
        Some(UTF_16BE)
    } else {
        None
    }
}

fn is_binary(bytes: &[u8]) -> bool {
    let controls =
        bytes.iter().filter(|&&byte| (byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0xc | 0x1b)) || byte == 0x7f).count();
    controls * CONTROLS > bytes.len()
}

/// The encoding that a web page declares.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(DECLARATION)]).to_ascii_lowercase();
    let (_, after) = head.split_once("charset=")?;
    let label: String =
        after.trim_start_matches(['"', '\'']).chars().take_while(|c| c.is_ascii_alphanumeric() || "-_:".contains(*c)).collect();
    Encoding::for_label(label.as_bytes()).filter(|encoding| *encoding != UTF_8 && !encoding.name().starts_with("UTF-16"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide_bytes(text: &str, turn: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(turn).collect()
    }

    #[test]
    fn encodings_are_told_apart_and_guesses_are_told() {
        let text = "Größe und Maß";
        let mut latin = b"Gr\xf6\xdfe und Ma\xdf".to_vec();
        let cases = [
            (text.as_bytes().to_vec(), None),
            (format!("\u{feff}{text}").into_bytes(), None),
            (wide_bytes(&format!("\u{feff}{text}"), u16::to_le_bytes), Some("UTF-16LE")),
            (wide_bytes(&format!("\u{feff}{text}"), u16::to_be_bytes), Some("UTF-16BE")),
            (wide_bytes(text, u16::to_le_bytes), Some("UTF-16LE")),
            (latin.clone(), Some("Latin-1")),
        ];
        for (bytes, guess) in cases {
            let decoded = decode(&bytes).unwrap();
            assert_eq!(decoded.text, text);
            assert_eq!(decoded.warning.is_some(), guess.is_some(), "{decoded:?}");
            assert!(guess.is_none_or(|guess| decoded.warning.unwrap().contains(guess)));
        }
        latin.extend([1; 8]);
        assert_eq!(decode(&latin).unwrap_err(), ReadError::NotUtf8(2));
        assert_eq!(decode(b"ab\0cd").unwrap_err(), ReadError::Nul(2));
    }

    #[test]
    fn a_page_is_read_as_it_declares() {
        let page = b"<html><meta charset=\"iso-8859-2\"><body>\xb1</body></html>";
        assert!(decode(page).unwrap().text.contains('ą'));
    }
}

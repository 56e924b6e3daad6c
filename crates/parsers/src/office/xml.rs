//! XML as a stream of opened and closed elements and of text, names without their prefixes. Entities of the document's own are not expanded.

use std::io::BufRead;

use commandcenter_domain::knowledge::ReadError;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// No office document nests deeper.
const MAX_DEPTH: usize = 512;

/// What is met on the way.
#[derive(Debug)]
pub(super) enum Token<'a> {
    Open { name: &'a str, attributes: Attributes<'a> },
    Close(&'a str),
    Text(&'a str),
}

/// The attributes of an element.
#[derive(Debug)]
pub(super) struct Attributes<'a>(&'a BytesStart<'a>);

impl Attributes<'_> {
    /// The value of an attribute, its prefix aside; empty when it is not there.
    pub(super) fn get(&self, name: &str) -> String {
        self.find(name).unwrap_or_default()
    }

    /// The value of an attribute, its prefix aside.
    pub(super) fn find(&self, name: &str) -> Option<String> {
        let found = self.0.attributes().with_checks(false).flatten().find(|attribute| attribute.key.local_name().as_ref() == name)?;
        Some(quick_xml::escape::unescape(&found.value).map_or_else(|_| found.value.to_string(), std::borrow::Cow::into_owned))
    }

    /// The value of `r:id` and the like, where an attribute without prefix has the same name.
    pub(super) fn prefixed(&self, name: &str) -> String {
        let found = self
            .0
            .attributes()
            .with_checks(false)
            .flatten()
            .find(|attribute| attribute.key.prefix().is_some() && attribute.key.local_name().as_ref() == name);
        found.map(|attribute| attribute.value.into_owned()).unwrap_or_default()
    }
}

/// Walks a document.
pub(super) fn walk(input: impl BufRead, visit: &mut dyn FnMut(Token<'_>)) -> Result<(), ReadError> {
    let mut reader = Reader::from_reader(input);
    let mut buffer = Vec::new();
    let mut depth = 0_usize;
    loop {
        let event = reader.read_event_into(&mut buffer).map_err(|err| ReadError::Parse(format!("its XML is damaged ({err})")))?;
        match event {
            Event::Start(element) => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(ReadError::Limit(format!("its elements are nested more than {MAX_DEPTH} deep")));
                }
                open(&element, visit);
            }
            Event::Empty(element) => {
                open(&element, visit);
                visit(Token::Close(element.name().local_name().as_ref()));
            }
            Event::End(element) => {
                depth = depth.saturating_sub(1);
                visit(Token::Close(element.name().local_name().as_ref()));
            }
            Event::Text(text) => visit(Token::Text(&text)),
            Event::CData(text) => visit(Token::Text(&text)),
            Event::GeneralRef(entity) => {
                if let Some(c) = character(&entity) {
                    visit(Token::Text(c.encode_utf8(&mut [0; 4])));
                }
            }
            Event::Eof => return Ok(()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
        buffer.clear();
    }
}

fn open(element: &BytesStart<'_>, visit: &mut dyn FnMut(Token<'_>)) {
    visit(Token::Open { name: element.name().local_name().as_ref(), attributes: Attributes(element) });
}

/// The character of `amp` or `#x41`.
fn character(entity: &str) -> Option<char> {
    match entity {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = entity.strip_prefix('#')?;
            let code = number.strip_prefix(['x', 'X']).map_or_else(|| number.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok())?;
            char::from_u32(code)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(xml: &str) -> Result<String, ReadError> {
        let mut all = String::new();
        walk(xml.as_bytes(), &mut |token| {
            if let Token::Text(text) = token {
                all.push_str(text);
            }
        })?;
        Ok(all)
    }

    #[test]
    fn characters_are_unescaped_and_own_entities_are_not_expanded() {
        assert_eq!(texts("<a>x &amp; &#65;&#x42; <![CDATA[<y>]]></a>").unwrap(), "x & AB <y>");
        assert_eq!(texts("<!DOCTYPE a [<!ENTITY b 'boom'>]><a>&b;x</a>").unwrap(), "x");
        assert!(matches!(texts(&"<a>".repeat(100_000)), Err(ReadError::Limit(_))));
    }
}

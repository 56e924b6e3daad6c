//! Licence expressions: whether what a package offers includes something we accept.

/// Whether an SPDX expression can be met with the accepted licences. The old `MIT/Apache-2.0` means `OR`.
pub(super) fn satisfied(expression: &str, accepted: &dyn Fn(&str) -> bool) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut parser = Parser { words: &words, accepted };
    let value = parser.either();
    value && parser.words.is_empty()
}

struct Parser<'a> {
    words: &'a [&'a str],
    accepted: &'a dyn Fn(&str) -> bool,
}

impl Parser<'_> {
    fn either(&mut self) -> bool {
        let mut value = self.both();
        while self.take("OR") {
            value |= self.both();
        }
        value
    }

    fn both(&mut self) -> bool {
        let mut value = self.one();
        while self.take("AND") {
            value &= self.one();
        }
        value
    }

    fn one(&mut self) -> bool {
        if self.take("(") {
            let value = self.either();
            return self.take(")") && value;
        }
        let Some((name, rest)) = self.words.split_first() else { return false };
        self.words = rest;
        let Some((&"WITH", [exception, rest @ ..])) = self.words.split_first() else { return (self.accepted)(name) };
        self.words = rest;
        (self.accepted)(name) || (self.accepted)(&format!("{name} WITH {exception}"))
    }

    fn take(&mut self, word: &str) -> bool {
        match self.words.split_first() {
            Some((first, rest)) if *first == word => {
                self.words = rest;
                true
            }
            Some(_) | None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_met_by_what_we_accept() {
        let cases = [
            ("MIT", true),
            ("GPL-3.0-or-later", false),
            ("MIT OR GPL-3.0-or-later", true),
            ("MIT/Apache-2.0", true),
            ("MIT AND GPL-3.0-or-later", false),
            ("(MIT OR GPL-3.0-only) AND Apache-2.0", true),
            ("Apache-2.0 WITH LLVM-exception OR GPL-2.0", true),
            ("GPL-2.0 WITH Classpath-exception-2.0", false),
            ("", false),
            ("(MIT", false),
        ];
        for (expression, wanted) in cases {
            let met = satisfied(expression, &|name| matches!(name, "MIT" | "Apache-2.0"));
            assert_eq!(met, wanted, "{expression}");
        }
    }
}

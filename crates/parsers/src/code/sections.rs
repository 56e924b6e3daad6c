//! The definitions of a source file, by its syntax tree.

use commandcenter_domain::knowledge::Section;
use tree_sitter::{Node, Parser};

use super::language;

/// Definitions inside of definitions, down to here: deeper ones belong to those around them.
const MAX_DEPTH: usize = 64;
/// Larger files are data that happens to be code; they are cut at empty lines.
const MAX_BYTES: usize = 4 * 1024 * 1024;
/// More definitions than any file that people write.
const MAX_SECTIONS: usize = 50_000;
/// Longer names are not names.
const MAX_NAME: usize = 120;

/// Nodes that define something, in any of the grammars: their names hardly ever mean two things.
const DEFINITIONS: &[&str] = &[
    "function_item",
    "struct_item",
    "enum_item",
    "union_item",
    "trait_item",
    "impl_item",
    "mod_item",
    "macro_definition",
    "function_definition",
    "class_definition",
    "function_declaration",
    "generator_function_declaration",
    "class_declaration",
    "abstract_class_declaration",
    "method_definition",
    "interface_declaration",
    "type_alias_declaration",
    "enum_declaration",
    "record_declaration",
    "struct_declaration",
    "internal_module",
    "method_declaration",
    "constructor_declaration",
    "property_declaration",
    "namespace_declaration",
    "namespace_definition",
    "trait_declaration",
    "type_spec",
    "struct_specifier",
    "class_specifier",
    "enum_specifier",
    "union_specifier",
    "variable_declarator",
    "class",
    "module",
    "method",
    "singleton_method",
];

/// Nodes around a definition that begin it.
const WRAPPERS: &[&str] = &["decorated_definition", "export_statement", "template_declaration", "lexical_declaration", "type_declaration"];

/// What a source file defines, outer definitions before inner ones.
pub(crate) fn sections(language: &str, text: &str) -> Vec<Section> {
    let Some(grammar) = language::named(language).and_then(language::Programming::grammar) else { return Vec::new() };
    let mut parser = Parser::new();
    if text.len() > MAX_BYTES || parser.set_language(&grammar).is_err() {
        return Vec::new();
    }
    let Some(tree) = parser.parse(text, None) else { return Vec::new() };
    let mut found = Vec::new();
    let mut waiting = vec![(tree.root_node(), 0)];
    while let Some((node, depth)) = waiting.pop() {
        if let Some(section) = section(node, text) {
            found.push(section);
        }
        if depth < MAX_DEPTH && found.len() < MAX_SECTIONS {
            let mut cursor = node.walk();
            let children: Vec<_> = node.named_children(&mut cursor).map(|child| (child, depth + 1)).collect();
            waiting.extend(children.into_iter().rev());
        }
    }
    found
}

/// The definition that a node is: several lines with a name.
fn section(node: Node<'_>, text: &str) -> Option<Section> {
    if !DEFINITIONS.contains(&node.kind()) || node.start_position().row == node.end_position().row || !is_definition(node) {
        return None;
    }
    let name: String = name(node, text)?.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MAX_NAME).collect();
    let start = line_start(text, beginning(node).start_byte());
    (!name.is_empty()).then_some(Section { start, end: line_end(text, node.end_byte()), name })
}

/// Types that are only named, and values that are no functions, define nothing worth a place of its own.
fn is_definition(node: Node<'_>) -> bool {
    match node.kind() {
        "struct_specifier" | "class_specifier" | "enum_specifier" | "union_specifier" => node.child_by_field_name("body").is_some(),
        "variable_declarator" => node
            .child_by_field_name("value")
            .is_some_and(|value| matches!(value.kind(), "arrow_function" | "function_expression" | "function" | "class")),
        _ => true,
    }
}

fn name<'a>(node: Node<'_>, text: &'a str) -> Option<&'a str> {
    let of = |node: Node<'_>| text.get(node.byte_range());
    if node.kind() == "impl_item" {
        // `impl Trait for Type`: all of it says what is defined.
        let body = node.child_by_field_name("body")?;
        return text.get(node.start_byte()..body.start_byte()).map(str::trim_end);
    }
    if let Some(name) = node.child_by_field_name("name") {
        return of(name);
    }
    let mut declarator = node.child_by_field_name("declarator")?;
    while let Some(inner) = declarator.child_by_field_name("declarator") {
        declarator = inner;
    }
    of(declarator)
}

/// The first of the comments, attributes and wrappers that stand right in front of a definition.
fn beginning(node: Node<'_>) -> Node<'_> {
    let mut first = node;
    while let Some(parent) = first.parent().filter(|parent| WRAPPERS.contains(&parent.kind())) {
        first = parent;
    }
    while let Some(before) = first.prev_sibling() {
        let is_attached =
            before.end_position().row + 1 >= first.start_position().row && before.start_position().row < first.start_position().row;
        let is_preface = before.kind().contains("comment") || matches!(before.kind(), "attribute_item" | "decorator" | "attribute_list");
        if !is_attached || !is_preface {
            break;
        }
        first = before;
    }
    first
}

/// Behind the marks that close what a definition is part of, as in `};`.
fn line_end(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest.len() - rest.trim_start_matches([';', ',', ')', ']']).len()
}

fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(language: &str, text: &str) -> Vec<String> {
        sections(language, text).into_iter().map(|section| section.name).collect()
    }

    #[test]
    fn definitions_are_found_in_every_language() {
        let cases = [
            (
                "rust",
                "/// Doc.\n#[derive(Debug)]\nstruct A {\n a: u8,\n}\nimpl B for A {\n fn c(&self) {\n }\n}\n",
                &["A", "impl B for A", "c"][..],
            ),
            ("python", "@decorator\nclass A:\n    def b(self):\n        pass\n", &["A", "b"]),
            ("javascript", "export function a() {\n}\nconst b = () => {\n};\nclass C {\n d() {\n }\n}\n", &["a", "b", "C", "d"]),
            ("typescript", "interface A {\n b: string;\n}\n", &["A"]),
            ("go", "package p\nfunc (s *S) A() {\n}\ntype B struct {\n c int\n}\n", &["A", "B"]),
            ("java", "class A {\n void b() {\n }\n}\n", &["A", "b"]),
            ("c", "int *a(void) {\n return 0;\n}\nstruct b {\n int c;\n};\n", &["a", "b"]),
            ("cpp", "namespace a {\nclass B {\n void c() {\n }\n};\n}\n", &["a", "B", "c"]),
            ("csharp", "namespace A {\nclass B {\n void C() {\n }\n}\n}\n", &["A", "B", "C"]),
            ("ruby", "module A\n class B\n  def c\n  end\n end\nend\n", &["A", "B", "c"]),
            ("php", "<?php\nclass A {\n function b() {\n }\n}\n", &["A", "b"]),
        ];
        for (language, text, expected) in cases {
            assert_eq!(names(language, text), expected, "{language}");
        }
    }

    #[test]
    fn comments_and_attributes_belong_to_what_they_stand_in_front_of() {
        let text = "use x;\n\n/// Doc.\n#[test]\nfn a() {\n}\n";
        let section = &sections("rust", text)[0];
        assert_eq!(&text[section.start..section.end], "/// Doc.\n#[test]\nfn a() {\n}");
    }

    #[test]
    fn a_tower_of_blocks_is_not_climbed() {
        let text = format!("fn a() {{\n{}{}\n}}\n", "{".repeat(20_000), "}".repeat(20_000));
        assert!(sections("rust", &text).len() <= 1);
    }
}

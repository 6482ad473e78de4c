//! Rust source as words, string literals and marks: just enough to check imports and names.

/// Kind of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Identifier, keyword or number.
    Word,
    /// Content of a string literal.
    Text,
    /// Punctuation: one character, or `::`.
    Mark,
}

/// One token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Its text; of a string literal, what stands between the quotes.
    pub text: String,
    /// Line, from 1.
    pub line: usize,
    /// Whether it belongs to an item that only exists in tests.
    pub test: bool,
}

impl Token {
    /// Whether it is this word or mark.
    pub fn is(&self, text: &str) -> bool {
        self.kind != Kind::Text && self.text == text
    }
}

/// Cuts a source text into tokens; comments are left out and test-only items are marked.
pub fn tokens(source: &str) -> Vec<Token> {
    let mut found = scan(source);
    mark_tests(&mut found);
    found
}

fn scan(source: &str) -> Vec<Token> {
    let chars: Vec<char> = source.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let mut found = Vec::new();
    let (mut i, mut line) = (0, 1);
    while i < chars.len() {
        let start = i;
        let first_line = line;
        let c = at(i);
        let mut token = None;
        if c == '/' && at(i + 1) == '/' {
            while i < chars.len() && at(i) != '\n' {
                i += 1;
            }
        } else if c == '/' && at(i + 1) == '*' {
            i = end_of_comment(&chars, i);
        } else if let Some((from, to, end)) = string_at(&chars, i) {
            token = Some((Kind::Text, chars[from..to].iter().collect()));
            i = end;
        } else if c == '\'' {
            i = end_of_quote(&chars, i);
        } else if c.is_alphanumeric() || c == '_' {
            while at(i).is_alphanumeric() || at(i) == '_' {
                i += 1;
            }
            token = Some((Kind::Word, chars[start..i].iter().collect()));
        } else if c == ':' && at(i + 1) == ':' {
            token = Some((Kind::Mark, "::".to_owned()));
            i += 2;
        } else {
            if !c.is_whitespace() {
                token = Some((Kind::Mark, c.to_string()));
            }
            i += 1;
        }
        line += chars[start..i.min(chars.len())]
            .iter()
            .filter(|c| **c == '\n')
            .count();
        if let Some((kind, text)) = token {
            found.push(Token {
                kind,
                text,
                line: first_line,
                test: false,
            });
        }
    }
    found
}

/// End of a block comment, which may hold others.
fn end_of_comment(chars: &[char], start: usize) -> usize {
    let (mut i, mut depth) = (start, 0);
    while i < chars.len() {
        match (chars[i], chars.get(i + 1)) {
            ('/', Some('*')) => (i, depth) = (i + 2, depth + 1),
            ('*', Some('/')) => (i, depth) = (i + 2, depth - 1),
            _ => i += 1,
        }
        if depth == 0 {
            break;
        }
    }
    i
}

/// A string literal at `i`: where its content starts and ends, and where it ends itself.
fn string_at(chars: &[char], i: usize) -> Option<(usize, usize, usize)> {
    let mut open = i;
    while matches!(chars.get(open), Some('b' | 'c' | 'r')) && open < i + 2 {
        open += 1;
    }
    // A letter before means that this is the end of a longer word.
    if i > 0 && open > i && (chars[i - 1].is_alphanumeric() || chars[i - 1] == '_') {
        return None;
    }
    let raw = open > i && chars[open - 1] == 'r';
    let mut hashes = 0;
    while raw && chars.get(open) == Some(&'#') {
        (open, hashes) = (open + 1, hashes + 1);
    }
    if chars.get(open) != Some(&'"') {
        return None;
    }
    let from = open + 1;
    let mut to = from;
    while to < chars.len() {
        if chars[to] == '\\' && !raw {
            to += 2;
            continue;
        }
        let closes = chars[to] == '"'
            && chars
                .get(to + 1..to + 1 + hashes)
                .is_some_and(|s| s.iter().all(|c| *c == '#'));
        if closes {
            return Some((from, to, to + 1 + hashes));
        }
        to += 1;
    }
    Some((from, chars.len(), chars.len()))
}

/// End of a character literal; of a lifetime, only its apostrophe is passed.
fn end_of_quote(chars: &[char], start: usize) -> usize {
    if chars.get(start + 1) == Some(&'\\') {
        let mut i = start + 3;
        while i < chars.len() && chars[i] != '\'' {
            i += 1;
        }
        return i + 1;
    }
    if chars.get(start + 2) == Some(&'\'') {
        start + 3
    } else {
        start + 1
    }
}

/// Marks the items behind `#[cfg(test)]` and `#[test]`.
fn mark_tests(tokens: &mut [Token]) {
    let mut i = 0;
    while i < tokens.len() {
        if tokens[i].is("#") && tokens.get(i + 1).is_some_and(|t| t.is("[")) {
            let end = end_of_group(tokens, i + 1);
            let attribute = &tokens[i + 1..end];
            let names_test = attribute.iter().any(|t| t.is("test"));
            let conditional = attribute.get(1).is_some_and(|t| t.is("cfg"))
                && !attribute.iter().any(|t| t.is("not"));
            if names_test && (conditional || attribute.len() == 3) {
                let end = end_of_item(tokens, end);
                for token in &mut tokens[i..end] {
                    token.test = true;
                }
                i = end;
                continue;
            }
            i = end;
        } else {
            i += 1;
        }
    }
}

/// One past the bracket that closes the one at `start`.
pub fn end_of_group(tokens: &[Token], start: usize) -> usize {
    let mut depth = 0;
    for (i, token) in tokens.iter().enumerate().skip(start) {
        if token.is("(") || token.is("[") || token.is("{") {
            depth += 1;
        } else if token.is(")") || token.is("]") || token.is("}") {
            depth -= 1;
            if depth == 0 {
                return i + 1;
            }
        }
    }
    tokens.len()
}

/// One past the item that begins at `start`: its `;` or its closing brace.
fn end_of_item(tokens: &[Token], start: usize) -> usize {
    let mut i = start;
    while i < tokens.len() {
        if tokens[i].is(";") {
            return i + 1;
        }
        if tokens[i].is("{") {
            let end = end_of_group(tokens, i);
            let import = tokens[start..i].iter().any(|t| t.is("use"));
            if !import {
                return end;
            }
            i = end;
        } else if tokens[i].is("(") || tokens[i].is("[") {
            i = end_of_group(tokens, i);
        } else {
            i += 1;
        }
    }
    i
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(source: &str) -> Vec<String> {
        tokens(source).into_iter().map(|t| t.text).collect()
    }

    #[test]
    fn comments_and_strings_hide_no_code() {
        let source = "a /* b /* c */ d */ e // f\n\"g // h\" r#\"i\"j\"# 'k' '\\'' 'life l";
        assert_eq!(words(source), ["a", "e", "g // h", "i\"j", "life", "l"]);
    }

    #[test]
    fn lines_are_counted_through_strings() {
        let found = tokens("\"a\nb\"\nc");
        assert_eq!(found.last().map(|t| t.line), Some(3));
    }

    #[test]
    fn test_items_end_where_they_end() {
        let found =
            tokens("x #[cfg(test)] mod t { y } z #[cfg(test)] use {q}; w #[cfg(not(test))] v");
        let test = |name: &str| found.iter().find(|t| t.is(name)).map(|t| t.test);
        assert_eq!(
            ["x", "y", "z", "q", "w", "v"]
                .map(test)
                .map(Option::unwrap_or_default),
            [false, true, false, true, false, false]
        );
    }
}

//! What the fuzz targets try, and what must hold whatever they try.
//!
//! - [`parser`]: any bytes as text, and as an edit of another text.
//! - [`resolver`]: any bytes as text, checked to the end, fixes included.
//! - [`programs`]: programs made from the nodes' specs, and edits of them, played.
//!
//! libFuzzer looks which inputs reach new code and goes on from those. On a crash the input is
//! printed as a case for `engine/tests/language`.

#[path = "../../../engine/tests/any_text/mod.rs"]
pub mod any_text;
pub mod crash;
mod fixes;
mod generate;
pub mod input;
mod keys;
mod play;

use std::cell::RefCell;

use glisten_engine::{BUILTIN, Parser, Registry};

thread_local! {
    static PARSER: RefCell<Parser> = RefCell::new(Parser::new());
    static REGISTRY: Registry = Registry::new(BUILTIN);
}

/// Tries bytes as a text for the parser. The parser has seen the texts before it, so that each is an
/// edit of the last.
pub fn parser(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    crash::now_trying([text.as_ref()]);
    PARSER.with_borrow_mut(|parser| any_text::assert_parsed(parser, &text));
}

/// Tries bytes as a text for the resolver, and carries out every fix it offers.
pub fn resolver(data: &[u8]) {
    let text = input::text_of(data);
    crash::now_trying([text.as_ref()]);
    let ast = Parser::new().parse(&text);
    REGISTRY.with(|registry| {
        let got = any_text::assert_resolved(&ast, &text, registry);
        fixes::assert_fixes(&got.diagnostics, &text, registry);
    });
}

/// Plays programs: written ones, or made from the nodes' specs.
pub fn programs(data: &[u8]) {
    if let Some(performance) = input::performance_of(data) {
        crash::now_trying(performance.texts.iter().map(String::as_str));
        play::play(&performance);
    }
}

//! Fixes: carried out, each must have done something about its problem.

use glisten_engine::resolve::resolve;
use glisten_engine::{Diagnostic, Parser, Registry};

/// Fixes of one text that are tried; more would only cost time.
const MOST: usize = 3;

/// Carries out each fix on its own and looks at the text that results.
///
/// That is asked of texts with a single problem. In a heap of nonsense a fix may lay open more of
/// the same kind; there it must only change something.
pub fn assert_fixes(diagnostics: &[Diagnostic], text: &str, registry: &Registry) {
    let fixes = diagnostics
        .iter()
        .filter_map(|d| Some((d, d.help.as_ref()?.fix.as_ref()?)));
    for (before, fix) in fixes.take(MOST) {
        let mut fixed = text.to_owned();
        fixed.replace_range(fix.span.range(), &fix.replacement);
        let code = before.code.0;
        assert_ne!(fixed, text, "{code}: the fix changes nothing");
        if fix.replacement.is_empty() {
            // Of `{{{{` one sign is gone and the next one stands in its place.
            continue;
        }
        let after = resolve(&Parser::new().parse(&fixed), &fixed, registry).diagnostics;
        // Inside of what a fix lays open, another place may have the same problem with another fix.
        let same = |d: &&Diagnostic| {
            d.code == before.code && d.message == before.message && d.help == before.help
        };
        let left = match diagnostics {
            [_] => after.iter().find(same),
            _ => None,
        };
        assert!(
            left.is_none(),
            "{code} stays after its fix:\n{fixed}\n{left:?}"
        );
    }
}

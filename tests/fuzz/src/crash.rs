//! Prints the input of a crash in a form that can be kept.

use std::cell::RefCell;

thread_local! {
    static TRYING: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Shows each input before it is tried; for crashes that leave no chance to print (time-outs).
const SHOW: &str = "GLISTEN_FUZZ_SHOW";

/// Remembers the texts that are tried next.
pub fn now_trying<'a>(texts: impl IntoIterator<Item = &'a str>) {
    TRYING.with_borrow_mut(|case| {
        case.clear();
        for (i, text) in texts.into_iter().enumerate() {
            case.push_str(match i {
                0 => "--- fuzz ---\n",
                _ => "\n--- fuzz-then ---\n",
            });
            case.push_str(text);
        }
    });
    if show() {
        print_case();
    }
}

fn show() -> bool {
    use std::sync::OnceLock;
    static SHOWN: OnceLock<bool> = OnceLock::new();
    *SHOWN.get_or_init(|| std::env::var_os(SHOW).is_some())
}

/// Prints the texts that were tried, as a case of the language suite.
fn print_case() {
    TRYING.with_borrow(|case| eprintln!("\n{case}\n! (to be filled by UPDATE_EXPECT=1)\n"));
}

/// Puts the printing before libFuzzer's own handling of panics.
pub fn install() {
    let libfuzzer = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        print_case();
        libfuzzer(info);
    }));
}

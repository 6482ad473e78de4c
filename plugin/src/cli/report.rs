//! Diagnostics and faults as text for a terminal.

use engine::{Diagnostic, Fault, fault_diagnostic, render_diagnostics};

use super::files::ProgramFile;

/// All diagnostics of a program, each with its place in the text.
pub(crate) fn text(name: &str, text: &str, diagnostics: &[Diagnostic]) -> String {
    render_diagnostics(diagnostics, text, name)
}

/// A fault of the running program; with its place if its program's text is known.
pub(crate) fn fault(fault: &Fault, program: Option<&ProgramFile>) -> String {
    match program {
        Some(file) => {
            let diagnostic = fault_diagnostic(fault, &file.text);
            render_diagnostics(&[diagnostic], &file.text, &file.name)
        }
        None => fault_diagnostic(fault, "").message,
    }
}

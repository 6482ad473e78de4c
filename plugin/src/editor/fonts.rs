//! Fonts: Hack for code and numbers, Inter for words. Both come from crates; no file is committed.

use std::sync::Arc;

use egui::epaint::text::VariationCoords;
use egui::{Context, FontData, FontDefinitions, FontFamily, FontId};

/// Family name of Inter at weight 600.
const SEMIBOLD: &str = "inter-600";

/// Distance of the two strokes that make mono text bold: Hack comes in one weight only.
pub const BOLD_OFFSET: f32 = 0.6;

/// Installs the fonts. Scripts that Hack and Inter lack fall back to egui's default fonts.
pub fn install(ctx: &Context) {
    let mut fonts = FontDefinitions::default();
    // One variable font serves both weights.
    for (name, weight) in [("inter-400", 400.0), (SEMIBOLD, 600.0)] {
        let mut data = FontData::from_static(ttf_inter::REGULAR);
        data.tweak.coords = VariationCoords::new([(b"wght", weight)]);
        fonts.font_data.insert(name.to_owned(), Arc::new(data));
    }
    let fallback = fonts
        .families
        .get(&FontFamily::Proportional)
        .cloned()
        .unwrap_or_default();
    let with_fallback = |first: &str| {
        let mut names = vec![first.to_owned()];
        names.extend(fallback.iter().cloned());
        names
    };
    fonts
        .families
        .insert(FontFamily::Proportional, with_fallback("inter-400"));
    fonts
        .families
        .insert(FontFamily::Name(SEMIBOLD.into()), with_fallback(SEMIBOLD));
    ctx.set_fonts(fonts);
}

/// Hack: code, and everything that changes while it is read.
#[must_use]
pub fn mono(size: f32) -> FontId {
    FontId::new(size, FontFamily::Monospace)
}

/// Inter, regular.
#[must_use]
pub fn words(size: f32) -> FontId {
    FontId::new(size, FontFamily::Proportional)
}

/// Inter, weight 600.
#[must_use]
pub fn semibold(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(SEMIBOLD.into()))
}

//! Colours by role. Widgets ask the theme and never name a colour themselves.

use egui::{Color32, CornerRadius, Shadow, Stroke, Style};

/// Which of the three themes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ThemeName {
    /// Dark; the default.
    #[default]
    Night,
    /// Light.
    Paper,
    /// Black and white with strong colours.
    HighContrast,
}

impl ThemeName {
    /// All of them, in the order of the menu.
    pub const ALL: [Self; 3] = [Self::Night, Self::Paper, Self::HighContrast];

    /// The name in the menu.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Night => "Night",
            Self::Paper => "Paper",
            Self::HighContrast => "High contrast",
        }
    }

    /// The colours.
    #[must_use]
    pub const fn theme(self) -> &'static Theme {
        match self {
            Self::Night => &NIGHT,
            Self::Paper => &PAPER,
            Self::HighContrast => &HIGH_CONTRAST,
        }
    }
}

/// Colours by role.
///
/// The accent has one meaning: filled, it sounds or moves now; hollow, it will sound. Nothing else
/// is drawn in it.
#[derive(Debug, PartialEq)]
pub struct Theme {
    /// Whether light text stands on a dark ground.
    pub dark: bool,
    /// Code pane, plots.
    pub bg: Color32,
    /// Bars and panels.
    pub chrome: Color32,
    /// Popups, banners, buttons.
    pub raised: Color32,
    /// Hovered or chosen row.
    pub hover: Color32,
    /// The line that holds the caret.
    pub caret_line: Color32,
    /// Selected text.
    pub selection: Color32,
    /// Dividers.
    pub line: Color32,
    /// Outlines of buttons, fields, popups and key caps.
    pub border: Color32,
    /// Empty meter.
    pub track: Color32,
    /// Pips and the track of the CPU bar.
    pub ring: Color32,
    /// Main text, caret, focus ring.
    pub text_1: Color32,
    /// Second text.
    pub text_2: Color32,
    /// Labels, line numbers, units.
    pub text_3: Color32,
    /// Filled: sounds now. Hollow: will sound.
    pub accent: Color32,
    /// Text on filled accent.
    pub on_accent: Color32,
    /// Levels above -6 dB, warnings, CPU above 70 %.
    pub warn: Color32,
    /// Problems and the guard.
    pub error: Color32,
    /// Name of an audible chain before its `:`.
    pub output_name: Color32,
    /// `~name`.
    pub reference: Color32,
    /// Node names.
    pub node: Color32,
    /// Numbers and notes.
    pub number: Color32,
    /// `>>` and `:`.
    pub operator: Color32,
    /// Rests, comments and unknown words.
    pub comment: Color32,
    /// Samples, scripts and strings.
    pub symbol: Color32,
}

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

const NIGHT: Theme = Theme {
    dark: true,
    bg: rgb(0x14_17_1B),
    chrome: rgb(0x1A_1E_23),
    raised: rgb(0x23_29_2F),
    hover: rgb(0x2C_33_3B),
    caret_line: rgb(0x1A_1F_25),
    selection: rgb(0x1F_32_45),
    line: rgb(0x2A_30_38),
    border: rgb(0x5F_6B_78),
    track: rgb(0x2A_30_38),
    ring: rgb(0x46_50_5B),
    text_1: rgb(0xE8_EC_EF),
    text_2: rgb(0xB0_BA_C3),
    text_3: rgb(0x91_9D_AA),
    accent: rgb(0x5F_E0_C7),
    on_accent: rgb(0x08_20_1B),
    warn: rgb(0xF5_C3_6B),
    error: rgb(0xFF_80_72),
    output_name: rgb(0xFF_FF_FF),
    reference: rgb(0xD4_C6_FF),
    node: rgb(0x78_B6_F7),
    number: rgb(0xE8_C4_8F),
    operator: rgb(0x8E_9A_A7),
    comment: rgb(0x91_9D_AA),
    symbol: rgb(0xF4_A9_CB),
};

const PAPER: Theme = Theme {
    dark: false,
    bg: rgb(0xFB_FA_F7),
    chrome: rgb(0xF1_F0_EC),
    raised: rgb(0xFF_FF_FF),
    hover: rgb(0xE6_E5_E0),
    caret_line: rgb(0xF3_F2_EE),
    selection: rgb(0xD6_E5_F5),
    line: rgb(0xDC_DA_D4),
    border: rgb(0x89_87_80),
    track: rgb(0xDA_D8_D1),
    ring: rgb(0xBD_BB_B3),
    text_1: rgb(0x1A_1D_21),
    text_2: rgb(0x45_4D_55),
    text_3: rgb(0x5A_63_6C),
    accent: rgb(0x00_70_5F),
    on_accent: rgb(0xFF_FF_FF),
    warn: rgb(0x8F_60_00),
    error: rgb(0xA8_14_0C),
    output_name: rgb(0x0B_0D_10),
    reference: rgb(0x5B_2B_B5),
    node: rgb(0x0B_64_BD),
    number: rgb(0x8A_4B_08),
    operator: rgb(0x5B_64_6D),
    comment: rgb(0x5A_63_6C),
    symbol: rgb(0xA6_2C_6B),
};

const HIGH_CONTRAST: Theme = Theme {
    dark: true,
    bg: rgb(0x00_00_00),
    chrome: rgb(0x00_00_00),
    raised: rgb(0x0B_0B_0B),
    hover: rgb(0x26_26_26),
    caret_line: rgb(0x14_14_14),
    selection: rgb(0x0A_3F_78),
    line: rgb(0x7A_7A_7A),
    border: rgb(0xB8_B8_B8),
    track: rgb(0x30_30_30),
    ring: rgb(0x70_70_70),
    text_1: rgb(0xFF_FF_FF),
    text_2: rgb(0xF0_F0_F0),
    text_3: rgb(0xCF_CF_CF),
    accent: rgb(0x00_FF_D1),
    on_accent: rgb(0x00_00_00),
    warn: rgb(0xFF_D6_0A),
    error: rgb(0xFF_8F_80),
    output_name: rgb(0xFF_FF_FF),
    reference: rgb(0xE6_DA_FF),
    node: rgb(0x7F_C4_FF),
    number: rgb(0xFF_E0_8A),
    operator: rgb(0xCF_CF_CF),
    comment: rgb(0xCF_CF_CF),
    symbol: rgb(0xFF_B3_DC),
};

impl Theme {
    /// The flash of a changed line that starts to sound; `strength` falls from 1 to 0.
    #[must_use]
    pub fn flash(&self, strength: f32) -> Color32 {
        self.accent.gamma_multiply(0.2 * strength)
    }

    /// The part of the Apply button that is filled while a program waits.
    #[must_use]
    pub fn countdown(&self) -> Color32 {
        self.accent.gamma_multiply(0.3)
    }

    /// The frame of popups and menus.
    pub fn popup_frame(&self) -> egui::Frame {
        let (border, shadow) = if self == &HIGH_CONTRAST {
            (self.text_1, Shadow::NONE)
        } else {
            let shadow = Shadow {
                offset: [0, 8],
                blur: 28,
                spread: 0,
                color: Color32::from_black_alpha(140),
            };
            (self.border, shadow)
        };
        egui::Frame::new()
            .fill(self.raised)
            .stroke(Stroke::new(1.0, border))
            .corner_radius(CornerRadius::same(6))
            .inner_margin(6)
            .shadow(shadow)
    }

    /// Fills egui's own style, for what egui paints itself (selection, scroll bars, tooltips).
    pub fn apply(&self, style: &mut Style) {
        style.spacing.item_spacing = egui::Vec2::ZERO;
        style.spacing.menu_margin = egui::Margin::same(6);
        // Popups are as high as their content, if the window is.
        style.spacing.default_area_size = egui::vec2(600.0, 4_000.0);
        style.interaction.tooltip_delay = 0.5;
        style.animation_time = 0.0;
        style.url_in_tooltip = false;

        let visuals = &mut style.visuals;
        *visuals = if self.dark {
            egui::Visuals::dark()
        } else {
            egui::Visuals::light()
        };
        visuals.override_text_color = Some(self.text_1);
        visuals.panel_fill = self.chrome;
        visuals.window_fill = self.raised;
        visuals.window_stroke = Stroke::new(1.0, self.border);
        visuals.extreme_bg_color = self.bg;
        visuals.faint_bg_color = self.hover;
        visuals.selection.bg_fill = self.selection;
        visuals.selection.stroke = Stroke::new(1.0, self.text_1);
        visuals.window_corner_radius = CornerRadius::same(6);
        visuals.menu_corner_radius = CornerRadius::same(6);
        let frame = self.popup_frame();
        visuals.popup_shadow = frame.shadow;
        visuals.window_shadow = frame.shadow;
        let widgets = &mut visuals.widgets;
        for (state, fill) in [
            (&mut widgets.noninteractive, self.raised),
            (&mut widgets.inactive, self.ring),
            (&mut widgets.hovered, self.border),
            (&mut widgets.active, self.border),
            (&mut widgets.open, self.hover),
        ] {
            state.bg_fill = fill;
            state.weak_bg_fill = fill;
            state.bg_stroke = Stroke::NONE;
            state.fg_stroke = Stroke::new(1.0, self.text_1);
            state.expansion = 0.0;
            state.corner_radius = CornerRadius::same(4);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Theme, ThemeName};
    use egui::Color32;

    /// Relative luminance and contrast ratio after WCAG 2.2.
    fn contrast(a: Color32, b: Color32) -> f64 {
        let luminance = |c: Color32| {
            let linear = |v: u8| {
                let v = f64::from(v) / 255.0;
                if v <= 0.040_45 {
                    v / 12.92
                } else {
                    ((v + 0.055) / 1.055).powf(2.4)
                }
            };
            0.2126 * linear(c.r()) + 0.7152 * linear(c.g()) + 0.0722 * linear(c.b())
        };
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_and_syntax_are_legible_on_every_ground() {
        for name in ThemeName::ALL {
            let t: &Theme = name.theme();
            let texts = [
                t.text_1,
                t.text_2,
                t.text_3,
                t.error,
                t.output_name,
                t.reference,
                t.node,
                t.number,
                t.operator,
                t.comment,
                t.symbol,
            ];
            for text in texts {
                for ground in [t.bg, t.chrome, t.raised, t.caret_line, t.selection] {
                    let ratio = contrast(text, ground);
                    assert!(
                        ratio >= 4.5,
                        "{name:?}: {text:?} on {ground:?} is only {ratio:.2}:1"
                    );
                }
            }
            for ground in [t.bg, t.chrome] {
                assert!(
                    contrast(t.border, ground) >= 3.0,
                    "{name:?}: border on {ground:?}"
                );
            }
            assert!(
                contrast(t.accent, t.track) >= 4.0,
                "{name:?}: accent on an empty meter"
            );
            assert!(
                contrast(t.on_accent, t.accent) >= 4.5,
                "{name:?}: text on accent"
            );
        }
    }
}

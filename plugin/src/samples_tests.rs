use super::*;

/// A folder of its own for each test, gone with the test.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("glisten-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("a folder for the test");
        Self(path)
    }

    /// Writes a sound of so many frames of one value.
    fn wav(&self, name: &str, rate: u32, channels: u16, frames: usize, value: f32) {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("a folder");
        let spec = hound::WavSpec {
            channels,
            sample_rate: rate,
            bits_per_sample: 32,
            sample_format: hound::SampleFormat::Float,
        };
        let mut writer = hound::WavWriter::create(path, spec).expect("a file");
        for _ in 0..frames * usize::from(channels) {
            writer.write_sample(value).expect("a frame");
        }
        writer.finalize().expect("a whole file");
    }

    fn file(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.0.join(name), bytes).expect("a file");
    }

    fn bank(&self) -> FolderBank {
        FolderBank::new(Folder::chosen(self.0.clone()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn files_become_names() {
    let place = Place::new("names");
    for name in [
        "Kick 1.wav",
        "A#3-soft.WAV",
        "drums/b.wav",
        "drums/A.wav",
        "drums/deep/x.wav",
        "._hidden.wav",
        ".trash/y.wav",
    ] {
        place.wav(name, 48_000, 1, 4, 0.5);
    }
    place.file("notes.txt", b"no sound");
    let bank = place.bank();
    assert_eq!(
        bank.names(),
        [
            "a_sharp_3_soft",
            "drums_0",
            "drums_1",
            "drums_a",
            "drums_b",
            "drums_deep_0",
            "drums_deep_x",
            "kick_1",
        ]
    );
    assert_eq!(bank.folder.remarks(), Vec::<String>::new());
}

#[test]
fn of_two_files_with_one_name_the_first_counts_and_that_is_told() {
    let place = Place::new("duplicates");
    place.wav("kick.wav", 48_000, 1, 4, 0.5);
    place.file("Kick.flac", b"never read");
    place.wav("kick/0.wav", 48_000, 1, 4, 0.25);
    // Its number would be this name, too; a file that is called so comes first, in silence.
    place.wav("kick_0.wav", 48_000, 1, 4, 0.75);
    let mut bank = place.bank();
    assert_eq!(bank.names(), ["kick", "kick_0"]);
    assert_eq!(
        bank.folder.remarks(),
        [
            "\"kick.wav\" is hidden by \"Kick.flac\": both are called \\kick.".to_owned(),
            format!(
                "\"{}\" is hidden by \"kick_0.wav\": both are called \\kick_0.",
                Path::new("kick").join("0.wav").display()
            ),
        ]
    );
    assert_eq!(
        bank.load("kick_0", 48_000.0).expect("a sound").left,
        [0.75; 4]
    );
}

#[test]
fn sounds_come_at_the_engines_rate_and_stay_the_same() {
    let place = Place::new("rate");
    place.wav("a.wav", 44_100, 2, 441, 0.5);
    let mut bank = place.bank();
    let sound = bank.load("a", 48_000.0).expect("a sound");
    assert_eq!(sound.frames(), 480);
    assert!((sound.left[240] - 0.5).abs() < 1e-5);
    assert!(sound.right.is_some());
    let again = bank.load("a", 48_000.0).expect("a sound");
    assert!(Arc::ptr_eq(&sound, &again), "it was read twice");
    assert_eq!(bank.load("a", 44_100.0).expect("a sound").frames(), 441);
}

#[test]
fn a_changed_file_is_read_anew() {
    let place = Place::new("changed");
    place.wav("a.wav", 48_000, 1, 10, 0.5);
    let mut bank = place.bank();
    assert_eq!(bank.load("a", 48_000.0).expect("a sound").frames(), 10);
    place.wav("a.wav", 48_000, 1, 20, 0.25);
    assert_eq!(bank.load("a", 48_000.0).expect("a sound").left, [0.25; 20]);
}

#[test]
fn what_cannot_be_read_gets_a_sentence() {
    let place = Place::new("broken");
    place.file("a.wav", b"RIFF and so on");
    place.file("b.wav", b"");
    place.wav("c.wav", 48_000, 1, 4, 0.5);
    let mut bank = place.bank();
    assert_eq!(bank.names(), ["a", "b", "c"]);
    std::fs::remove_file(place.0.join("c.wav")).expect("it was there");
    for (name, start) in [
        ("a", "It "),
        ("b", "The file is empty."),
        ("c", "Its file cannot be read: it does not exist."),
        ("d", "It is not in the sample folder."),
    ] {
        let error = bank.load(name, 48_000.0).expect_err(name).0;
        assert!(error.starts_with(start) && error.ends_with('.'), "{error}");
    }
}

#[test]
fn many_channels_and_missing_folders_are_told() {
    let place = Place::new("remarks");
    place.wav("six.wav", 48_000, 6, 4, 0.5);
    let mut bank = place.bank();
    assert_eq!(bank.load("six", 48_000.0).expect("a sound").left, [0.5; 4]);
    assert_eq!(
        bank.folder.remarks(),
        ["\"six.wav\" has 6 channels; the first two are used."]
    );
    let missing = place.0.join("not there");
    let folder = Folder::chosen(missing.clone());
    assert_eq!(folder.listing().names().count(), 0);
    assert_eq!(
        folder.remarks(),
        [format!(
            "The sample folder \"{}\" cannot be read: it does not exist.",
            missing.display()
        )]
    );
    let nobody_chose = Folder::new(missing, false);
    assert_eq!(nobody_chose.listing().names().count(), 0);
    assert_eq!(nobody_chose.remarks(), Vec::<String>::new());
}

#[test]
fn the_bank_holds_on_to_what_programs_use_and_forgets_the_rest() {
    let place = Place::new("memory");
    let mut bank = place.bank();
    let huge = |last_use| Kept {
        sample_rate: 48_000.0,
        stamp: None,
        sound: Ok(Arc::new(Sample {
            left: vec![0.0; MAX_KEPT_BYTES / 8],
            right: None,
        })),
        last_use,
    };
    for i in 0..4 {
        bank.kept.insert(PathBuf::from(i.to_string()), huge(i));
    }
    let used = bank.kept[Path::new("0")].sound.clone();
    bank.forget();
    let mut left: Vec<_> = bank.kept.keys().map(|k| k.display().to_string()).collect();
    left.sort();
    assert_eq!(left, ["0", "3"]);
    assert!(used.is_ok());
}

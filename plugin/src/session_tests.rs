use super::desk::KEPT_PROGRAMS;
use super::*;
use crate::background::Background;

const STARTER: &str = "out: ~input";
const GOOD: &str = "out: sin 440 >> mul 0.1";
const BROKEN: &str = "out: nosuchnode 440 >>";

fn session() -> (Session, Renderer) {
    let config = engine::Config {
        sample_rate: 48_000.0,
        kind: Kind::Effect,
        seed: 0,
    };
    let parts = engine::create(&config);
    (
        Session::new(Kind::Effect, parts.engine, parts.status, 0, STARTER),
        parts.renderer,
    )
}

/// A session whose requests stay on the desk, as if its worker were busy.
fn unattended() -> (Session, Renderer) {
    let (session, renderer) = session();
    session.set_has_worker(true);
    (session, renderer)
}

fn document(draft: &str, last_good: Option<&str>) -> Document {
    Document {
        draft: draft.to_owned(),
        last_good: last_good.map(str::to_owned),
        others: Default::default(),
        seed: 0,
        editor: None,
        sample_folder: None,
        knobs: Vec::new(),
        unknown: serde_json::Map::new(),
    }
}

fn last_good(session: &Session) -> Option<String> {
    session.document().last_good
}

#[test]
fn a_new_session_has_its_starter_accepted() {
    let (session, _renderer) = session();
    let view = session.view();
    assert_eq!(&*session.draft(), STARTER);
    assert_eq!(last_good(&session).as_deref(), Some(STARTER));
    assert!(view.last_run.is_some_and(|r| r.accepted));
    assert_eq!(view.diagnosis.errors(), 0);
    assert_eq!(
        session.program_text(view.accepted_revision).as_deref(),
        Some(STARTER)
    );
}

#[test]
fn a_run_is_accepted_and_becomes_the_last_good_program() {
    let (session, _renderer) = session();
    let revision = session.set_draft(GOOD);
    session.run(Launch::Bars(2));
    let run = session.view().last_run.expect("a run");
    assert!(run.accepted);
    assert_eq!(
        (run.draft_revision, run.launch),
        (revision, Launch::Bars(2))
    );
    assert_eq!(session.program_text(run.revision).as_deref(), Some(GOOD));
    assert_eq!(last_good(&session).as_deref(), Some(GOOD));
}

#[test]
fn a_broken_run_keeps_the_last_good_program_and_shows_the_errors() {
    let (session, _renderer) = session();
    let revision = session.set_draft(BROKEN);
    session.run(Launch::Now);
    let view = session.view();
    let run = view.last_run.expect("a run");
    assert!(!run.accepted && run.errors > 0);
    assert_eq!(view.diagnosis.draft_revision, revision);
    assert_eq!(&*view.diagnosis.text, BROKEN);
    assert_eq!(view.diagnosis.errors(), run.errors);
    assert_eq!(last_good(&session).as_deref(), Some(STARTER));
    assert_eq!(session.document().draft, BROKEN);
}

#[test]
fn a_check_shows_errors_and_runs_nothing() {
    let (session, _renderer) = session();
    let before = session.view();
    session.set_draft(BROKEN);
    session.request_check();
    let view = session.view();
    assert!(view.diagnosis.errors() > 0);
    assert_eq!(view.last_run, before.last_run);
    assert_eq!(view.accepted_revision, before.accepted_revision);
}

#[test]
fn the_draft_revision_changes_with_the_text_only() {
    let (session, _renderer) = session();
    let first = session.set_draft(GOOD);
    assert_eq!(session.set_draft(GOOD), first);
    assert_eq!(session.set_draft(BROKEN), first + 1);
}

#[test]
fn the_newest_check_and_the_newest_run_win() {
    let (session, _renderer) = unattended();
    session.set_draft("out: sin 1");
    session.request_check();
    let newest = session.set_draft("out: sin 2");
    session.request_check();
    let taken = lock(&session.desk).take();
    assert!(
        matches!(&taken, Some(Work::Check { draft_revision, .. }) if *draft_revision == newest),
        "{taken:?}"
    );
    assert!(lock(&session.desk).take().is_none());

    session.run(Launch::Now);
    let newest = session.set_draft("out: sin 3");
    session.run(Launch::Beat);
    let taken = lock(&session.desk).take();
    assert!(
        matches!(&taken, Some(Work::Run { request, .. })
            if request.draft_revision == newest && request.launch == Launch::Beat),
        "{taken:?}"
    );
    assert!(lock(&session.desk).take().is_none());
}

#[test]
fn a_run_makes_a_check_of_the_same_draft_superfluous() {
    let (session, _renderer) = unattended();
    session.set_draft(GOOD);
    session.run(Launch::Now);
    session.request_check();
    assert!(matches!(lock(&session.desk).take(), Some(Work::Run { .. })));
    assert!(lock(&session.desk).take().is_none());
}

#[test]
fn a_late_result_for_an_older_draft_is_not_shown() {
    let (session, _renderer) = unattended();
    session.set_draft(BROKEN);
    session.request_check();
    let old = lock(&session.desk).take().expect("a check");
    session.set_draft(GOOD);
    session.request_check();
    let new = lock(&session.desk).take().expect("a check");
    session.perform(&new);
    session.perform(&old);
    let view = session.view();
    assert_eq!(&*view.diagnosis.text, GOOD);
    assert_eq!(view.diagnosis.errors(), 0);
}

#[test]
fn nothing_the_editor_calls_waits_for_a_compile() {
    let (session, _renderer) = unattended();
    // As held for the length of a compile; whatever waited for it would never return.
    let compiling = lock(&session.control);
    let revision = session.set_draft(GOOD);
    session.request_check();
    session.run(Launch::Now);
    session.cancel_waiting();
    session.run(Launch::Now);
    session.set_editor_size(EditorSize {
        width: 800,
        height: 500,
    });
    assert_eq!(session.view().draft_revision, revision);
    assert!(session.view().running);
    assert_eq!(session.document().draft, GOOD);
    assert_eq!(session.status().callbacks, 0);
    drop(compiling);
}

#[test]
fn cancelling_forgets_a_run_that_has_not_begun() {
    let (session, _renderer) = unattended();
    session.set_draft(GOOD);
    session.run(Launch::Now);
    session.cancel_waiting();
    assert!(matches!(
        lock(&session.desk).take(),
        Some(Work::Cancel { program: 0 })
    ));
    assert!(lock(&session.desk).take().is_none());
    assert_eq!(last_good(&session).as_deref(), Some(STARTER));
}

#[test]
fn a_loaded_broken_draft_shows_its_error_and_the_last_good_program_plays() {
    let (session, _renderer) = session();
    let before = session.view().draft_revision;
    session.load(document(BROKEN, Some(GOOD)));
    let view = session.view();
    assert!(view.draft_revision > before);
    assert_eq!(&*session.draft(), BROKEN);
    assert_eq!(&*view.diagnosis.text, BROKEN);
    assert!(view.diagnosis.errors() > 0);
    assert_eq!(
        session.program_text(view.accepted_revision).as_deref(),
        Some(GOOD)
    );
    assert_eq!(session.document(), document(BROKEN, Some(GOOD)));
}

#[test]
fn a_last_good_program_that_is_no_longer_accepted_keeps_its_text() {
    let (session, _renderer) = session();
    session.load(document(BROKEN, Some(BROKEN)));
    let view = session.view();
    assert!(view.diagnosis.errors() > 0);
    assert_eq!(last_good(&session).as_deref(), Some(BROKEN));
    // The effect passes its input meanwhile.
    assert_eq!(
        session.program_text(view.accepted_revision).as_deref(),
        Some("out: ~input")
    );
}

#[test]
fn a_run_taken_before_a_load_is_void_after_it() {
    let (session, _renderer) = unattended();
    session.set_draft("out: sin 1");
    session.run(Launch::Now);
    let old = lock(&session.desk).take().expect("a run");
    session.load(document(GOOD, Some(GOOD)));
    session.perform(&old);
    assert_eq!(last_good(&session).as_deref(), Some(GOOD));
    let view = session.view();
    assert_eq!(
        session.program_text(view.accepted_revision).as_deref(),
        Some(GOOD)
    );
    assert!(!view.running);
}

#[test]
fn activation_finishes_a_waiting_run() {
    let (session, mut renderer) = unattended();
    session.set_draft(GOOD);
    session.run(Launch::Now);
    session.activate(&mut renderer, 44_100.0);
    assert_eq!(last_good(&session).as_deref(), Some(GOOD));
    assert!(!session.view().running);
    session.deactivate();
}

#[test]
fn the_worker_does_what_is_asked_and_leaves_when_dropped() {
    let (session, _renderer) = session();
    let session = Arc::new(session);
    let background = Background::start(session.clone());
    for hertz in 1..=20 {
        session.set_draft(&format!("out: sin {hertz}"));
        session.request_check();
        session.run(Launch::Now);
    }
    session.wait_until_idle();
    assert_eq!(last_good(&session).as_deref(), Some("out: sin 20"));
    drop(background);
    // Without a worker requests are done by the caller.
    session.set_draft(GOOD);
    session.run(Launch::Now);
    assert_eq!(last_good(&session).as_deref(), Some(GOOD));
}

#[test]
fn only_the_newest_programs_are_kept() {
    let (session, _renderer) = session();
    let first = session.view().accepted_revision;
    for hertz in 1..=KEPT_PROGRAMS {
        session.set_draft(&format!("out: sin {hertz}"));
        session.run(Launch::Now);
    }
    assert_eq!(session.program_text(first), None);
    let newest = session.view().accepted_revision;
    assert_eq!(
        session.program_text(newest).as_deref(),
        Some(format!("out: sin {KEPT_PROGRAMS}").as_str())
    );
}

/// A folder with one sound of 480 frames, gone with the test.
struct Sounds(std::path::PathBuf);

impl Sounds {
    fn new(test: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("glisten-session-{test}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn add(&self, name: &str) {
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: 48_000,
            bits_per_sample: 32,
            sample_format: hound::SampleFormat::Float,
        };
        let mut writer = hound::WavWriter::create(self.0.join(name), spec).expect("a file");
        (0..480).for_each(|_| writer.write_sample(0.5_f32).expect("a frame"));
        writer.finalize().expect("a whole file");
    }

    fn path(&self) -> String {
        self.0.display().to_string()
    }
}

impl Drop for Sounds {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const SAMPLED: &str = "out: imp 50 >> sp \\kick";

fn codes(session: &Session) -> Vec<&'static str> {
    let diagnosis = session.view().diagnosis;
    diagnosis.diagnostics.iter().map(|d| d.code.0).collect()
}

fn peak(renderer: &mut Renderer, frames: usize) -> f32 {
    let (mut left, mut right) = (vec![0.0; frames], vec![0.0; frames]);
    renderer.render(engine::AudioBlock {
        channels: &mut [&mut left, &mut right],
        input_channels: 0,
        sidechain: &[],
        transport: engine::HostTransport::default(),
        events: &[],
    });
    left.iter().chain(&right).fold(0.0, |m, x| m.max(x.abs()))
}

#[test]
fn a_state_with_samples_sounds_in_its_first_block() {
    let sounds = Sounds::new("load");
    sounds.add("kick.wav");
    let (session, mut renderer) = unattended();
    let mut document = document(SAMPLED, Some(SAMPLED));
    document.sample_folder = Some(sounds.path());
    session.load(document.clone());
    session.activate(&mut renderer, 44_100.0);
    assert_eq!(codes(&session), [""; 0]);
    assert!((peak(&mut renderer, 64) - 0.5).abs() < 0.05);
    assert_eq!(session.document(), document);

    // Loading a state of the same folder, as an undo does, reads no file again.
    let folder = session.view().folder;
    session.load(document);
    assert!(Arc::ptr_eq(&folder, &session.view().folder));
    assert_eq!(codes(&session), [""; 0]);
}

#[test]
fn a_state_loaded_before_a_chosen_folder_was_read_has_its_samples() {
    let sounds = Sounds::new("overtaken");
    sounds.add("kick.wav");
    let (session, mut renderer) = unattended();
    // Nobody works on this request before the state comes, which names the same folder.
    session.set_sample_folder(Some(&sounds.path()));
    let mut document = document(SAMPLED, Some(SAMPLED));
    document.sample_folder = Some(sounds.path());
    session.load(document);
    session.activate(&mut renderer, 48_000.0);
    assert_eq!(codes(&session), [""; 0]);
    assert!(peak(&mut renderer, 1024) > 0.4);
}

#[test]
fn choosing_a_folder_gives_what_sounds_its_samples() {
    let sounds = Sounds::new("choose");
    sounds.add("kick.wav");
    let (session, mut renderer) = session();
    session.activate(&mut renderer, 48_000.0);
    session.set_draft(SAMPLED);
    session.run(Launch::Now);
    assert_eq!(codes(&session), ["W110"]);
    assert_eq!(peak(&mut renderer, 1024), 0.0);
    session.set_sample_folder(Some(&sounds.path()));
    assert_eq!(codes(&session), [""; 0]);
    assert!(peak(&mut renderer, 4096) > 0.4);
    assert_eq!(session.document().sample_folder, Some(sounds.path()));

    // A file that comes later is found by reading again.
    session.set_draft("out: imp 50 >> sp \\late");
    session.run(Launch::Now);
    assert_eq!(codes(&session), ["W110"]);
    sounds.add("late.wav");
    session.rescan_samples();
    assert_eq!(codes(&session), [""; 0]);
    let view = session.view();
    let names: Vec<&str> = view.folder.known().expect("it was read").names().collect();
    assert_eq!(names, ["kick", "late"]);
    assert!(!view.reading_folder);
    session.set_sample_folder(None);
    assert_eq!(session.document().sample_folder, None);
}

#[test]
fn a_missing_folder_is_a_remark_and_the_program_plays() {
    let sounds = Sounds::new("missing");
    let (session, mut renderer) = session();
    let text = "out: imp 50 >> sp \\kick\nb: imp 50";
    let mut document = document(text, Some(text));
    document.sample_folder = Some(format!("{}/nowhere", sounds.path()));
    session.load(document);
    session.activate(&mut renderer, 48_000.0);
    assert_eq!(codes(&session), ["W110"]);
    assert!(peak(&mut renderer, 4096) > 0.5);
    let remarks = session.view().folder.remarks();
    assert!(
        remarks.len() == 1 && remarks[0].contains("does not exist"),
        "{remarks:?}"
    );
}

#[test]
fn each_program_has_its_own_texts_and_results() {
    let (session, _renderer) = session();
    assert_eq!(
        session.view().empty,
        [false, true, true, true, true, true, true, true]
    );
    let first = session.view().draft_revision;
    session.show(3);
    let view = session.view();
    assert_eq!((view.shown, &*session.draft()), (3, ""));
    assert!(
        view.draft_revision > first,
        "the editor must take the text over"
    );
    assert_eq!((view.accepted_revision, view.last_run), (0, None));

    session.set_draft(BROKEN);
    session.run(Launch::Now);
    assert!(session.view().diagnosis.errors() > 0);
    session.show(0);
    let view = session.view();
    assert_eq!((&*session.draft(), view.diagnosis.errors()), (STARTER, 0));
    assert!(view.last_run.is_some_and(|run| run.accepted));
    assert!(!view.empty[3]);

    session.show(3);
    assert_eq!(&*session.draft(), BROKEN);
    assert!(session.view().diagnosis.errors() > 0, "looked at again");
    session.set_draft(GOOD);
    session.run(Launch::Bars(1));
    let accepted = session.view().accepted_revision;
    assert_eq!(session.program_text(accepted).as_deref(), Some(GOOD));
    // Programs that are not there change nothing.
    session.show(engine::PROGRAMS);
    assert_eq!(session.view().shown, 3);
    let document = session.document();
    assert_eq!(document.last_good.as_deref(), Some(STARTER));
    assert_eq!(document.others[2].last_good.as_deref(), Some(GOOD));
}

#[test]
fn a_run_of_one_program_does_not_replace_that_of_another() {
    let (session, mut renderer) = unattended();
    session.set_draft("out: sig 0.25");
    session.run(Launch::Now);
    session.show(1);
    session.set_draft("out: sig 0.5");
    session.run(Launch::Now);
    // Offline renders begin with everything that was asked for.
    session.activate(&mut renderer, 48_000.0);
    let document = session.document();
    assert_eq!(document.last_good.as_deref(), Some("out: sig 0.25"));
    assert_eq!(
        document.others[0].last_good.as_deref(),
        Some("out: sig 0.5")
    );
    assert_eq!(peak_of(&mut renderer, 0), 0.25);
    assert_eq!(peak_of(&mut renderer, 1), 0.5);
    // An empty program passes the input, which is silent here.
    assert_eq!(peak_of(&mut renderer, 2), 0.0);
}

#[test]
fn a_loaded_document_brings_all_programs_and_empties_the_others() {
    let (session, mut renderer) = session();
    session.show(2);
    session.set_draft("out: sig 0.75");
    session.run(Launch::Now);
    session.activate(&mut renderer, 48_000.0);
    assert_eq!(peak_of(&mut renderer, 2), 0.75);

    let mut loaded = document("out: sig 0.5", Some("out: sig 0.5"));
    loaded.others[6] = crate::state::SavedProgram {
        draft: BROKEN.to_owned(),
        last_good: Some("out: sig 0.125".to_owned()),
        ..Default::default()
    };
    session.load(loaded.clone());
    assert_eq!(session.document(), loaded);
    assert_eq!(peak_of(&mut renderer, 0), 0.5);
    assert_eq!(peak_of(&mut renderer, 7), 0.125);
    assert_eq!(peak_of(&mut renderer, 2), 0.0, "it passes the input again");
    assert_eq!((session.view().shown, &*session.draft()), (2, ""));
    session.show(7);
    assert_eq!(&*session.draft(), BROKEN);
}

/// What a program sounds like after its fade, by the highest sample.
fn peak_of(renderer: &mut Renderer, program: u8) -> f32 {
    // Constant levels are what the guard's blocker is for.
    let kinds = [
        engine::EventKind::Guard(false),
        engine::EventKind::Program {
            program,
            quantum_beats: 0,
        },
    ];
    let events = kinds.map(|kind| engine::Event { frame: 0, kind });
    let mut last = 0.0;
    for events in [&events[..], &[]] {
        let (mut left, mut right) = (vec![0.0; 2048], vec![0.0; 2048]);
        renderer.render(engine::AudioBlock {
            channels: &mut [&mut left, &mut right],
            input_channels: 2,
            sidechain: &[],
            transport: engine::HostTransport::default(),
            events,
        });
        last = left.iter().fold(0.0, |m: f32, x| m.max(x.abs()));
    }
    last
}

/// Slot, name and whether it is parked, of each saved knob.
fn saved_knobs(session: &Session) -> Vec<(u8, String, bool)> {
    let knobs = session.document().knobs;
    let facts = knobs.into_iter().map(|k| (k.slot, k.name, k.parked));
    facts.collect()
}

#[test]
fn a_run_saves_and_shows_its_knobs_and_a_broken_one_changes_none() {
    let (session, _renderer) = session();
    let run = |text: &str| {
        session.set_draft(text);
        session.run(Launch::Now);
    };
    assert_eq!(saved_knobs(&session), []);
    run("~a: knob 1 0 4\n~b: knob 0.5\nout: ~input >> mul ~a >> mul ~b");
    let both = [(0, "a".to_owned(), false), (1, "b".to_owned(), false)];
    assert_eq!(saved_knobs(&session), both);
    let name = |slot| session.knobs().get(slot).map(|knob| knob.name);
    assert_eq!((name(0), name(2)), (Some("a".to_owned()), None));

    run("~a: knob 1 4 0\nout: ~input >> mul ~a");
    assert_eq!(saved_knobs(&session), both);
    run("~b: knob 0.5\nout: ~input >> mul ~b");
    let parked = [(1, "b".to_owned(), false), (0, "a".to_owned(), true)];
    assert_eq!(saved_knobs(&session), parked);
    assert_eq!(name(0), Some("a".to_owned()), "it keeps its name");
}

#[test]
fn a_loaded_state_has_its_knobs_where_they_were() {
    let (first, _other) = session();
    let (session, _renderer) = session();
    let program = "~a: knob 1 0 4\nout: ~input >> mul ~a";
    let mut saved = document(program, Some(program));
    first.set_draft("~x: knob 0.5\n~a: knob 1 0 4\nout: ~input >> mul ~a >> mul ~x");
    first.run(Launch::Now);
    saved.knobs = first.document().knobs;
    assert_eq!(saved.knobs.len(), 2);
    session.load(saved);
    let expected = [(1, "a".to_owned(), false), (0, "x".to_owned(), true)];
    assert_eq!(saved_knobs(&session), expected);
    // A state without knobs takes them away again.
    session.load(document(STARTER, Some(STARTER)));
    assert_eq!(saved_knobs(&session), []);
    assert_eq!(session.knobs().get(1), None);
}

#[test]
fn a_program_taken_back_takes_its_knobs_with_it() {
    let (session, mut renderer) = session();
    let mut block = [0.0f32; 64];
    let mut other = [0.0f32; 64];
    // The song plays, so that the program has to wait for the bar.
    renderer.render(engine::AudioBlock {
        channels: &mut [&mut block, &mut other],
        input_channels: 2,
        sidechain: &[],
        transport: engine::HostTransport {
            playing: true,
            tempo_bpm: Some(120.0),
            beats: Some(1.0),
            ..engine::HostTransport::default()
        },
        events: &[],
    });
    session.set_draft("~a: knob 0.5\nout: ~input >> mul ~a");
    session.run(Launch::Bars(4));
    assert_eq!(saved_knobs(&session), [(0, "a".to_owned(), false)]);
    session.cancel_waiting();
    assert_eq!(saved_knobs(&session), []);
    assert_eq!(session.knobs().get(0), None);
}

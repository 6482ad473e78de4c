use std::sync::atomic::AtomicUsize;

use super::*;

/// What a host was told: how often of parameters, how often of changes.
#[derive(Clone, Default)]
struct Told(Arc<[AtomicUsize; 2]>);

impl Told {
    fn connect(host: &Host) -> Self {
        let told = Self::default();
        let counts = told.clone();
        host.connect(Arc::new(move |news| {
            counts.0[0].fetch_add(usize::from(news.parameters), Ordering::SeqCst);
            counts.0[1].fetch_add(usize::from(news.dirty), Ordering::SeqCst);
            News::default()
        }));
        told
    }

    fn counts(&self) -> [usize; 2] {
        [0, 1].map(|i| self.0[i].load(Ordering::SeqCst))
    }
}

/// A made instance with a host that counts.
fn made(main_thread: bool) -> (Host, Told) {
    let (inside, making) = Host::make(main_thread, Host::of_this_instance);
    let told = Told::connect(&making.host);
    (inside, told)
}

/// A way to the main thread that only counts how often it was taken.
fn count_wakes(host: &Host) -> Arc<AtomicUsize> {
    let wakes = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&wakes);
    host.set_main_thread_hop(move || {
        counted.fetch_add(1, Ordering::SeqCst);
    });
    wakes
}

#[test]
fn the_plugin_finds_the_handle_of_its_own_instance() {
    let (first, first_told) = made(false);
    let (second, second_told) = made(false);
    first.mark_dirty();
    first.deliver();
    second.parameters_changed();
    second.deliver();
    assert_eq!(first_told.counts(), [0, 1]);
    assert_eq!(second_told.counts(), [1, 0]);
}

#[test]
fn an_instance_made_inside_another_changes_nothing_for_that() {
    let ((outer, inner), making) = Host::make(false, || {
        let (inner, _) = Host::make(false, Host::of_this_instance);
        (Host::of_this_instance(), inner)
    });
    assert!(Arc::ptr_eq(&outer.0, &making.host.0));
    assert!(!Arc::ptr_eq(&outer.0, &inner.0));
}

#[test]
fn a_handle_without_a_host_leads_nowhere() {
    let host = Host::of_this_instance();
    host.mark_dirty();
    host.parameters_changed();
    host.deliver();
    assert!(!host.set_value(0, 0.5));
    assert!(MAKING.with_borrow(Option::is_none));
}

#[test]
fn what_happens_while_an_instance_is_made_is_no_news() {
    let (host, making) = Host::make(false, || {
        let host = Host::of_this_instance();
        host.parameters_changed();
        host.mark_dirty();
        host
    });
    let told = Told::connect(&making.host);
    host.deliver();
    assert_eq!(told.counts(), [0, 0]);
}

#[test]
fn news_are_told_once_and_together() {
    let (host, told) = made(true);
    let wakes = count_wakes(&host);
    for _ in 0..3 {
        host.parameters_changed();
        host.mark_dirty();
    }
    assert_eq!(wakes.load(Ordering::SeqCst), 6);
    host.deliver();
    host.deliver();
    assert_eq!(told.counts(), [1, 1]);
    host.mark_dirty();
    host.deliver();
    assert_eq!(told.counts(), [1, 2]);
}

#[test]
fn another_thread_than_the_main_one_does_not_tell() {
    let (host, told) = made(true);
    let from_elsewhere = host.clone();
    std::thread::spawn(move || {
        from_elsewhere.mark_dirty();
        from_elsewhere.deliver();
    })
    .join()
    .expect("no panic");
    assert_eq!(told.counts(), [0, 0]);
    host.deliver();
    assert_eq!(told.counts(), [0, 1]);
}

#[test]
fn a_state_load_tells_at_its_end() {
    let (host, told) = made(true);
    let wakes = count_wakes(&host);
    let result = host.load(|| {
        host.parameters_changed();
        host.deliver();
        assert_eq!(told.counts(), [0, 0]);
        7
    });
    assert_eq!(result, 7);
    assert_eq!(told.counts(), [1, 0]);
    assert_eq!(wakes.load(Ordering::SeqCst), 0, "told already");
}

#[test]
fn a_state_load_on_another_thread_asks_for_the_main_one() {
    let (host, told) = made(true);
    let wakes = count_wakes(&host);
    let loading = host.clone();
    std::thread::spawn(move || loading.load(|| loading.parameters_changed()))
        .join()
        .expect("no panic");
    assert_eq!(told.counts(), [0, 0]);
    assert_eq!(wakes.load(Ordering::SeqCst), 1);
    host.deliver();
    assert_eq!(told.counts(), [1, 0]);
}

#[test]
fn what_cannot_be_told_yet_waits() {
    let (inside, making) = Host::make(true, Host::of_this_instance);
    making.host.connect(Arc::new(|news| news));
    inside.mark_dirty();
    inside.deliver();
    let told = Told::connect(&making.host);
    inside.deliver();
    assert_eq!(told.counts(), [0, 1]);
}

#[test]
fn a_host_that_is_gone_is_not_called() {
    let (host, told) = made(true);
    let wakes = count_wakes(&host);
    host.disconnect();
    host.mark_dirty();
    host.deliver();
    assert_eq!(told.counts(), [0, 0]);
    assert_eq!(wakes.load(Ordering::SeqCst), 0);
}

#[test]
fn a_hop_that_delivers_at_once_does_not_block() {
    let (host, told) = made(true);
    let here = Arc::downgrade(&host.0);
    host.set_main_thread_hop(move || {
        if let Some(shared) = here.upgrade() {
            Host(shared).deliver();
        }
    });
    host.mark_dirty();
    host.parameters_changed();
    assert_eq!(told.counts(), [1, 1]);
}

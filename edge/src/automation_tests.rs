use nice_plug::prelude::*;

use super::*;

#[derive(Params)]
struct Two {
    #[id = "a"]
    a: FloatParam,
    #[id = "steps"]
    steps: IntParam,
}

fn two() -> (Arc<Two>, Automation) {
    let range = FloatRange::Linear { min: 0.0, max: 1.0 };
    let params = Arc::new(Two {
        a: FloatParam::new("a", 0.0, range),
        steps: IntParam::new("steps", 0, IntRange::Linear { min: 0, max: 4 }),
    });
    let automation = Automation::default();
    let dynamic: Arc<dyn Params> = params.clone();
    automation.serve(&dynamic);
    (params, automation)
}

/// Runs a block of 100 frames with these points of the first parameter.
fn block(automation: &Automation, points: &[(usize, f64)], run: impl FnOnce()) {
    let gather = |gather: &mut Gather<'_>| {
        for (frame, value) in points {
            gather.push(*frame, 0, Change::Value, *value);
        }
    };
    automation.block(100, gather, run);
}

#[test]
fn values_change_at_their_frames() {
    let (params, automation) = two();
    block(&automation, &[(50, 0.5), (10, 0.1), (99, 0.9)], || {
        assert_eq!(params.a.value(), 0.0);
        assert_eq!(automation.next_frame(), Some(10));
        automation.apply(10);
        assert_eq!(params.a.value(), 0.1);
        assert_eq!(automation.next_frame(), Some(50));
        automation.apply(49);
        assert_eq!(params.a.value(), 0.1);
        automation.apply(50);
        assert_eq!(params.a.value(), 0.5);
    });
    assert_eq!(params.a.value(), 0.9, "what was not applied");
    block(&automation, &[], || {
        assert_eq!(automation.next_frame(), None)
    });
}

#[test]
fn the_last_of_several_points_on_a_frame_counts() {
    let (params, automation) = two();
    let points: Vec<_> = (0..50u8).map(|i| (7, f64::from(i) / 50.0)).collect();
    block(&automation, &points, || automation.apply(7));
    assert_eq!(params.a.value(), 0.98);
}

#[test]
fn parts_count_from_their_own_start() {
    let (params, automation) = two();
    block(&automation, &[(10, 0.1), (30, 0.3), (60, 0.6)], || {
        automation.apply(10);
        automation.end_part(30);
        assert_eq!(params.a.value(), 0.1);
        assert_eq!(automation.next_frame(), Some(0));
        automation.end_part(31);
        assert_eq!(params.a.value(), 0.6, "a part that applied nothing");
        assert_eq!(automation.next_frame(), None);
    });
}

#[test]
fn modulation_adds_and_steps_are_known() {
    let (params, automation) = two();
    let gather = |gather: &mut Gather<'_>| {
        gather.push(0, 0, Change::Value, 0.25);
        gather.push(1, 0, Change::Modulation, 0.5);
        gather.push(2, 1, Change::Value, 0.5);
    };
    automation.block(3, gather, || {});
    assert_eq!(params.a.value(), 0.75);
    assert_eq!(params.a.unmodulated_normalized_value(), 0.25);
    assert_eq!(params.steps.value(), 2);
    assert_eq!((automation.steps(0), automation.steps(1)), (1, 4));
}

#[test]
fn odd_points_do_no_harm() {
    let (params, automation) = two();
    let gather = |gather: &mut Gather<'_>| {
        gather.push(usize::MAX, 0, Change::Value, 0.5);
        gather.push(3, 0, Change::Value, f64::NAN);
        gather.push(3, 0, Change::Value, 1e300);
        gather.push(3, 60_000, Change::Value, 0.3);
    };
    automation.block(8, gather, || {
        automation.apply(6);
        assert_eq!(params.a.value(), 0.0);
        assert_eq!(automation.next_frame(), Some(7), "the last frame");
    });
    assert_eq!(params.a.value(), 0.5);
}

#[test]
fn more_points_than_there_is_room_for_still_end_right() {
    let (params, automation) = two();
    let gather = |gather: &mut Gather<'_>| {
        for i in 0..3 * CAPACITY {
            gather.push(i, 0, Change::Value, (i % 7) as f64 / 7.0);
        }
        gather.push(5, 0, Change::Value, 0.625);
        gather.push(5, 0, Change::Modulation, 0.125);
    };
    automation.block(3 * CAPACITY, gather, || {
        automation.apply(CAPACITY);
        assert_eq!(params.a.value(), ((CAPACITY - 1) % 7) as f32 / 7.0);
    });
    assert_eq!(params.a.value(), 0.75);
    block(&automation, &[], || {});
    assert_eq!(params.a.value(), 0.75, "once");
}

#[test]
fn parameters_that_are_gone_are_not_touched() {
    let (params, automation) = two();
    drop(params);
    block(&automation, &[(0, 0.5)], || automation.apply(0));
    assert_eq!(automation.steps(1), 1);
}

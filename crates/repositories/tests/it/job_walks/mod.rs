//! Walks: random sequences of what engines and people do to the queue, checked after every step against a small model of it. On the
//! database that `TEST_DB` names. A walk that goes wrong is printed as the shortest sequence that still does.

mod engine;
mod model;
mod people;
mod step;
mod walk;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestError, TestRunner};

use step::Step;
use walk::Walk;

/// How many walks, and how long they are.
const WALKS: u32 = 32;
const STEPS: std::ops::Range<usize> = 1..90;

#[test]
fn whatever_happens_in_whatever_order_the_queue_keeps_its_word() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let bench = runtime.block_on(crate::jobs::Bench::open());
    let config = Config { cases: WALKS, max_shrink_iters: 400, failure_persistence: None, ..Config::default() };
    let steps = prop::collection::vec(Step::any(), STEPS);
    let done = TestRunner::new(config).run(&steps, |steps| {
        runtime.block_on(async {
            let mut walk = Walk::over(&bench).await;
            for step in steps {
                walk.take(step).await?;
            }
            Ok(())
        })
    });
    match done {
        Ok(()) => {}
        Err(TestError::Fail(reason, steps)) => {
            let steps: Vec<_> = steps.iter().map(|step| format!("  {step:?}")).collect();
            panic!("{reason}\nafter {} steps:\n{}", steps.len(), steps.join("\n"));
        }
        Err(TestError::Abort(reason)) => panic!("{reason}"),
    }
}

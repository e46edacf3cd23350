//! The collector and the allocator, without peers.

use std::hint::black_box;

use crate::Failure;
use crate::heap::{Subject, time};
use crate::report::Report;

const KEPT: usize = 0;
const OLD: usize = 1;
/// Bytes of a record of one field.
const OBJECT: usize = 16;
/// Bytes of nursery that are collected.
const NURSERY: usize = (1 << 20) - (1 << 14);
/// One in so many objects is alive at a collection.
const ALIVE: usize = 16;

/// A heap with so much that is old that its nursery grows to the largest size.
fn subject() -> Result<Subject, Failure> {
    let mut ours = Subject::new(256 << 20)?;
    ours.change(OLD, 0, |session, _, _| {
        Ok(session.bytes(&vec![1; 2 * NURSERY])?)
    })?;
    ours.collect_everything()?;
    Ok(ours)
}

pub(crate) fn measure(report: &mut Report) -> Result<(), Failure> {
    let mut ours = subject()?;
    report.alone(
        "nursery of 1 MiB, microseconds",
        115.0,
        Box::new(|| {
            fill(&mut ours, true)?;
            time(1000, || ours.collect())
        }),
    )?;
    let mut ours = subject()?;
    report.alone(
        "control: no collection, microseconds",
        115.0,
        Box::new(|| {
            fill(&mut ours, true)?;
            let nothing = time(1000, || {
                black_box(ours.session.safepoint());
                Ok(())
            });
            ours.collect()?;
            nothing
        }),
    )?;
    let mut ours = subject()?;
    let objects = (16 * NURSERY / OBJECT) as u64;
    report.alone(
        "a record of one field, allocated",
        3.0,
        Box::new(|| {
            time(objects, || {
                for _ in 0..16 {
                    fill(&mut ours, false)?;
                    ours.collect()?;
                }
                Ok(())
            })
        }),
    )
}

/// Fills the nursery; if `keep`, every sixteenth object is kept in a list.
fn fill(ours: &mut Subject, keep: bool) -> Result<(), Failure> {
    ours.roots[KEPT] = stele_memory::Root::NIL;
    let mut index = 0;
    while index < NURSERY / OBJECT {
        ours.change(KEPT, OBJECT * ALIVE, |session, kept, _| {
            let mut last = kept;
            for _ in 0..ALIVE {
                last = black_box(session.record(1, &[if keep { kept } else { session.nil() }])?);
            }
            Ok(last)
        })?;
        index += ALIVE;
    }
    Ok(())
}

//! Vectors against imbl's `Vector`.

use std::cell::RefCell;
use std::hint::black_box;

use imbl::Vector;
use stele_memory::Session;

use crate::Failure;
use crate::heap::{Subject, agree, time};
use crate::keys::shuffled;
use crate::report::Report;

const VECTOR: usize = 0;
const GROWING: usize = 1;

/// What one run does at least.
const OPERATIONS: u64 = 100_000;

pub(crate) fn measure(report: &mut Report, size: u64) -> Result<(), Failure> {
    let title = |what: &str| format!("vector {what}, {size}");
    let names = [
        "get",
        "push",
        "set",
        "concat",
        "slice",
        "iterate",
        "bytes an element",
    ];
    if !names.iter().any(|name| report.wants(&title(name))) {
        return Ok(());
    }
    let order = shuffled(size);
    let mut ours = Subject::new((256 << 20).max(size * 600))?;
    ours.change(VECTOR, 64, |session, _, _| Ok(session.vector()?))?;
    let bytes = Session::worst_case_vector_push();
    for index in 0..size as i64 {
        ours.change(VECTOR, bytes, |session, old, _| {
            session.vector_push(old, session.integer(index)?)
        })?;
    }
    let mut imbl: Vector<i64> = (0..size as i64).collect();
    for round in 0..(10 * size).min(500_000) {
        let index = order[(round % size) as usize];
        ours.change(VECTOR, bytes, |session, old, _| {
            session.vector_set(old, index, session.integer(index as i64)?)
        })?;
        imbl = imbl.update(index as usize, index as i64);
    }
    let ours = RefCell::new(ours);

    let rounds = (OPERATIONS / size).max(1);
    let expected = rounds as i64 * (size * (size - 1) / 2) as i64;
    report.compare(
        &title("get"),
        0.5,
        Box::new(|| {
            let ours = ours.borrow();
            let vector = ours.load(VECTOR);
            time(rounds * size, || {
                let mut sum = 0;
                for _ in 0..rounds {
                    for index in &order {
                        let element = ours.session.vector_get(vector, *black_box(index));
                        sum += element
                            .and_then(|element| ours.session.as_integer(element))
                            .unwrap_or(-1);
                    }
                }
                agree("vector get", &sum, &expected)
            })
        }),
        vec![(
            "imbl",
            Box::new(|| {
                time(rounds * size, || {
                    let mut sum = 0;
                    for _ in 0..rounds {
                        for index in &order {
                            sum += imbl.get(*black_box(index) as usize).copied().unwrap_or(-1);
                        }
                    }
                    agree("vector get", &sum, &expected)
                })
            }),
        )],
    )?;

    report.compare(
        &title("push"),
        0.4,
        Box::new(|| {
            let mut ours = ours.borrow_mut();
            time(rounds * size, || {
                for _ in 0..rounds {
                    ours.change(GROWING, 64, |session, _, _| Ok(session.vector()?))?;
                    for index in 0..size as i64 {
                        ours.change(GROWING, bytes, |session, old, _| {
                            session.vector_push(old, session.integer(index)?)
                        })?;
                    }
                }
                Ok(())
            })
        }),
        vec![(
            "imbl",
            Box::new(|| {
                time(rounds * size, || {
                    for _ in 0..rounds {
                        let mut vector = Vector::new();
                        for index in 0..size as i64 {
                            let mut longer = vector.clone();
                            longer.push_back(index);
                            vector = longer;
                        }
                        black_box(&vector);
                    }
                    Ok(())
                })
            }),
        )],
    )?;

    let sets = OPERATIONS;
    report.compare(
        &title("set"),
        0.25,
        Box::new(|| {
            let mut ours = ours.borrow_mut();
            time(sets, || {
                for round in 0..sets {
                    let index = order[(round % size) as usize];
                    ours.change(VECTOR, bytes, |session, old, _| {
                        session.vector_set(old, index, session.integer(index as i64)?)
                    })?;
                }
                Ok(())
            })
        }),
        vec![(
            "imbl",
            Box::new(|| {
                let mut vector = imbl.clone();
                time(sets, || {
                    for round in 0..sets {
                        let index = order[(round % size) as usize];
                        vector = vector.update(index as usize, index as i64);
                    }
                    black_box(&vector);
                    Ok(())
                })
            }),
        )],
    )?;

    let joins = 2_000;
    report.compare(
        &title("concat"),
        1.0,
        Box::new(|| {
            let mut ours = ours.borrow_mut();
            time(joins, || {
                for round in 0..joins {
                    let cut = size / 2 + round % (size / 4);
                    ours.change(GROWING, bytes, |session, _, roots| {
                        let vector = session.load(&roots[VECTOR]);
                        session.vector_slice(vector, 0, cut)
                    })?;
                    ours.change(GROWING, bytes, |session, first, roots| {
                        session.vector_concat(first, session.load(&roots[VECTOR]))
                    })?;
                    agree(
                        "vector concat",
                        &ours.session.vector_len(ours.load(GROWING)),
                        &Some(cut + size),
                    )?;
                }
                Ok(())
            })
        }),
        vec![(
            "imbl",
            Box::new(|| {
                time(joins, || {
                    for round in 0..joins {
                        let cut = size / 2 + round % (size / 4);
                        let mut first = imbl.take(cut as usize);
                        first.append(imbl.clone());
                        agree("vector concat", &(first.len() as u64), &(cut + size))?;
                        black_box(first);
                    }
                    Ok(())
                })
            }),
        )],
    )?;
    report.compare(
        &title("slice"),
        1.0,
        Box::new(|| {
            let mut ours = ours.borrow_mut();
            time(joins, || {
                for round in 0..joins {
                    let from = 1 + round % (size / 4);
                    ours.change(GROWING, 2 * bytes, |session, _, roots| {
                        let vector = session.load(&roots[VECTOR]);
                        session.vector_slice(vector, from, size - from)
                    })?;
                    agree(
                        "vector slice",
                        &ours.session.vector_len(ours.load(GROWING)),
                        &Some(size - 2 * from),
                    )?;
                }
                Ok(())
            })
        }),
        vec![(
            "imbl",
            Box::new(|| {
                time(joins, || {
                    for round in 0..joins {
                        let from = 1 + round % (size / 4);
                        let slice = imbl.clone().slice(from as usize..(size - from) as usize);
                        agree("vector slice", &(slice.len() as u64), &(size - 2 * from))?;
                        black_box(slice);
                    }
                    Ok(())
                })
            }),
        )],
    )?;
    report.compare(
        &title("iterate"),
        1.0,
        Box::new(|| {
            let ours = ours.borrow();
            time(rounds * size, || {
                let mut sum = 0;
                for _ in 0..rounds {
                    for element in ours.session.vector_elements(ours.load(VECTOR)) {
                        sum += ours.session.as_integer(element).unwrap_or(-1);
                    }
                }
                agree("vector iterate", &sum, &expected)
            })
        }),
        vec![(
            "imbl",
            Box::new(|| {
                time(rounds * size, || {
                    let sum = (0..rounds).map(|_| imbl.iter().sum::<i64>()).sum::<i64>();
                    agree("vector iterate", &sum, &expected)
                })
            }),
        )],
    )?;

    report.alone(
        &title("bytes an element"),
        10.0,
        Box::new(|| {
            let mut ours = ours.borrow_mut();
            ours.roots[GROWING] = stele_memory::Root::NIL;
            Ok(ours.live()? as f64 / size as f64)
        }),
    )
}

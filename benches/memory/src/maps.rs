//! Maps against imbl's `HashMap` and rpds' thread-safe `HashTrieMap`.

use std::cell::RefCell;
use std::hint::black_box;

use imbl::HashMap;
use rpds::HashTrieMapSync;
use stele_memory::{Local, MapTransient, Root, Session};

use crate::Failure;
use crate::heap::{Subject, agree, time};
use crate::keys::{Key, Mix, keys};
use crate::report::Report;

/// Roots of the subject.
const MAP: usize = 0;
const KEYS: usize = 1;
const OTHER: usize = 2;

/// What one run does at least, for a small map.
const OPERATIONS: u64 = 100_000;
/// What one run of persistent updates does.
const UPDATES: u64 = 50_000;
/// Units of work of one piece.
const PIECE: u64 = 4096;

pub(crate) fn measure(report: &mut Report, size: u64, mix: Mix) -> Result<(), Failure> {
    let title = |what: &str| format!("map {what}, {size}, {}", mix.name());
    let names = [
        "get",
        "build",
        "update",
        "iterate",
        "equal",
        "bytes an entry",
    ];
    if !names.iter().any(|name| report.wants(&title(name))) {
        return Ok(());
    }
    let keys = keys(size, mix);
    let subject = RefCell::new(ours(&keys)?);
    let mut imbl: HashMap<Key, i64> = HashMap::new();
    let mut rpds: HashTrieMapSync<Key, i64> = HashTrieMapSync::new_sync();
    for (value, key) in keys.iter().enumerate() {
        imbl.insert(key.clone(), value as i64);
        rpds.insert_mut(key.clone(), value as i64);
    }
    turn_over(&mut subject.borrow_mut(), &keys)?;
    let updates = UPDATES.max(10 * size).min(500_000);
    for round in 0..updates {
        let index = (round % size) as usize;
        imbl = imbl.update(keys[index].clone(), index as i64);
        rpds = rpds.insert(keys[index].clone(), index as i64);
    }

    let rounds = (OPERATIONS / size).max(1);
    let expected = rounds as i64 * (size * (size - 1) / 2) as i64;
    report.compare(
        &title("get"),
        1.0,
        Box::new(|| {
            let subject = subject.borrow();
            let found = subject.session.vector_elements(subject.load(KEYS));
            let found: Vec<Local<'_>> = found.collect();
            let map = subject.load(MAP);
            time(rounds * size, || {
                let mut sum = 0;
                for _ in 0..rounds {
                    for key in &found {
                        let value = subject.session.map_get(map, *black_box(key))?;
                        sum += value
                            .and_then(|value| subject.session.as_integer(value))
                            .unwrap_or(-1);
                    }
                }
                agree("map get", &sum, &expected)
            })
        }),
        vec![
            (
                "imbl",
                Box::new(|| {
                    time(rounds * size, || {
                        let mut sum = 0;
                        for _ in 0..rounds {
                            for key in &keys {
                                sum += imbl.get(black_box(key)).copied().unwrap_or(-1);
                            }
                        }
                        agree("map get", &sum, &expected)
                    })
                }),
            ),
            (
                "rpds",
                Box::new(|| {
                    time(rounds * size, || {
                        let mut sum = 0;
                        for _ in 0..rounds {
                            for key in &keys {
                                sum += rpds.get(black_box(key)).copied().unwrap_or(-1);
                            }
                        }
                        agree("map get", &sum, &expected)
                    })
                }),
            ),
        ],
    )?;

    report.compare(
        &title("build"),
        0.8,
        Box::new(|| {
            let mut subject = subject.borrow_mut();
            time(rounds * size, || {
                for _ in 0..rounds {
                    build(&mut subject, size)?;
                }
                Ok(())
            })
        }),
        vec![
            (
                "imbl",
                Box::new(|| {
                    time(rounds * size, || {
                        for _ in 0..rounds {
                            let mut map = HashMap::new();
                            for (value, key) in keys.iter().enumerate() {
                                map.insert(key.clone(), value as i64);
                            }
                            black_box(map);
                        }
                        Ok(())
                    })
                }),
            ),
            (
                "rpds",
                Box::new(|| {
                    time(rounds * size, || {
                        for _ in 0..rounds {
                            let mut map = HashTrieMapSync::new_sync();
                            for (value, key) in keys.iter().enumerate() {
                                map.insert_mut(key.clone(), value as i64);
                            }
                            black_box(map);
                        }
                        Ok(())
                    })
                }),
            ),
        ],
    )?;

    let (mut our_round, mut imbl_round, mut rpds_round) = (0, 0, 0);
    report.compare(
        &title("update"),
        0.25,
        Box::new(|| {
            let mut subject = subject.borrow_mut();
            time(UPDATES, || {
                for _ in 0..UPDATES {
                    our_round += 1;
                    update(&mut subject, our_round % size, our_round as i64)?;
                }
                Ok(())
            })
        }),
        vec![
            (
                "imbl",
                Box::new(|| {
                    let mut map = imbl.clone();
                    time(UPDATES, || {
                        for _ in 0..UPDATES {
                            imbl_round += 1;
                            let key = &keys[(imbl_round % size) as usize];
                            map = map.update(key.clone(), imbl_round as i64);
                        }
                        black_box(&map);
                        Ok(())
                    })
                }),
            ),
            (
                "rpds",
                Box::new(|| {
                    let mut map = rpds.clone();
                    time(UPDATES, || {
                        for _ in 0..UPDATES {
                            rpds_round += 1;
                            let key = &keys[(rpds_round % size) as usize];
                            map = map.insert(key.clone(), rpds_round as i64);
                        }
                        black_box(&map);
                        Ok(())
                    })
                }),
            ),
        ],
    )?;

    let mut subject = subject.into_inner();
    for index in 0..size {
        update(&mut subject, index, index as i64)?;
    }
    // A second map with the same entries that shares nothing, in the same heap.
    build(&mut subject, size)?;
    subject.roots[OTHER] = subject.roots[3].clone();
    subject.collect_everything()?;
    let imbl_other: HashMap<Key, i64> = pairs(&keys).collect();
    let rpds_other: HashTrieMapSync<Key, i64> = pairs(&keys).collect();
    let subject = RefCell::new(subject);
    report.compare(
        &title("iterate"),
        0.5,
        Box::new(|| {
            let subject = subject.borrow();
            time(rounds * size, || {
                let entries = || subject.session.map_entries(subject.load(MAP));
                let value = |(_, value)| subject.session.as_integer(value).unwrap_or(-1);
                let sum = (0..rounds)
                    .map(|_| entries().map(value).sum::<i64>())
                    .sum::<i64>();
                agree("map iterate", &sum, &expected)
            })
        }),
        vec![
            (
                "imbl",
                Box::new(|| {
                    time(rounds * size, || {
                        let sum = (0..rounds).map(|_| imbl.values().sum::<i64>()).sum::<i64>();
                        agree("map iterate", &sum, &expected)
                    })
                }),
            ),
            (
                "rpds",
                Box::new(|| {
                    time(rounds * size, || {
                        let sum = (0..rounds).map(|_| rpds.values().sum::<i64>()).sum::<i64>();
                        agree("map iterate", &sum, &expected)
                    })
                }),
            ),
        ],
    )?;
    report.compare(
        &title("equal"),
        0.5,
        Box::new(|| {
            let subject = subject.borrow();
            time(rounds * size, || {
                for _ in 0..rounds {
                    let equal = subject
                        .session
                        .equal(subject.load(MAP), subject.load(OTHER))?;
                    agree("map equal", &equal, &true)?;
                }
                Ok(())
            })
        }),
        vec![
            (
                "imbl",
                Box::new(|| {
                    time(rounds * size, || {
                        for _ in 0..rounds {
                            agree("map equal", &(imbl == imbl_other), &true)?;
                        }
                        Ok(())
                    })
                }),
            ),
            (
                "rpds",
                Box::new(|| {
                    time(rounds * size, || {
                        for _ in 0..rounds {
                            agree("map equal", &(rpds == rpds_other), &true)?;
                        }
                        Ok(())
                    })
                }),
            ),
        ],
    )?;
    if mix == Mix::Small {
        report.alone(
            &title("bytes an entry"),
            28.0,
            Box::new(|| {
                let mut subject = subject.borrow_mut();
                for root in [KEYS, OTHER, 3] {
                    subject.roots[root] = Root::NIL;
                }
                Ok(subject.live()? as f64 / size as f64)
            }),
        )?;
    }
    Ok(())
}

fn pairs(keys: &[Key]) -> impl Iterator<Item = (Key, i64)> {
    keys.iter()
        .enumerate()
        .map(|(value, key)| (key.clone(), value as i64))
}

/// A heap with the keys in a vector, and the map from each to its index.
fn ours(keys: &[Key]) -> Result<Subject, Failure> {
    let mut subject = Subject::new((256 << 20).max(keys.len() as u64 * 1200))?;
    subject.change(KEYS, 64, |session, _, _| Ok(session.vector()?))?;
    let bytes = Session::worst_case_vector_push() + Session::worst_case_bytes(40);
    for key in keys {
        subject.change(KEYS, bytes, |session, old, _| {
            session.vector_push(old, key.make(session)?)
        })?;
    }
    build(&mut subject, keys.len() as u64)?;
    subject.roots[MAP] = subject.roots[3].clone();
    Ok(subject)
}

/// Makes the map from each key to its index, in root 3: in place, then frozen in short pieces.
fn build(subject: &mut Subject, size: u64) -> Result<(), Failure> {
    let mut transient = MapTransient::new();
    let session = &subject.session;
    let keys = session.load(&subject.roots[KEYS]);
    for (index, key) in session
        .vector_elements(keys)
        .enumerate()
        .take(size as usize)
    {
        session.map_transient_insert(&mut transient, key, session.integer(index as i64)?)?;
    }
    loop {
        if subject.session.safepoint() {
            subject.collect()?;
        }
        let mut done = Root::NIL;
        let session = &subject.session;
        if let Some(map) = session.freeze_step(&mut transient, &mut PIECE.clone())? {
            session.store(&mut done, map);
            subject.roots[3] = done;
            return Ok(());
        }
    }
}

fn update(subject: &mut Subject, index: u64, value: i64) -> Result<(), Failure> {
    subject.change(
        MAP,
        Session::worst_case_map_insert(),
        |session, old, roots| {
            let key = session
                .vector_get(session.load(&roots[KEYS]), index)
                .unwrap_or(session.nil());
            session.map_insert(old, key, session.integer(value)?)
        },
    )
}

/// Updates the map until ten times its size has been allocated.
fn turn_over(subject: &mut Subject, keys: &[Key]) -> Result<(), Failure> {
    let size = keys.len() as u64;
    for round in 0..(10 * size).min(1_000_000) {
        update(subject, round % size, (round % size) as i64)?;
    }
    Ok(())
}

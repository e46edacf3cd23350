//! Values as the standard library would hold them, to compare with.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::cmp::Ordering;

use proptest::prelude::*;
use stele_memory::{Local, Session, ValueKind};

/// How often a random test runs, unless PROPTEST_CASES says otherwise.
pub(crate) fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases: match std::env::var_os("PROPTEST_CASES") {
            Some(_) => ProptestConfig::default().cases,
            None if cfg!(miri) => 2,
            None => cases,
        },
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// A value.
#[derive(Clone, Debug)]
pub(crate) enum Model {
    Nil,
    Boolean(bool),
    Integer(i64),
    Float(u64),
    Character(char),
    Text(String),
    Bytes(Vec<u8>),
    Capability(u64),
    Vector(Vec<Model>),
    Record(u16, Vec<Model>),
    Set(Vec<Model>),
    Map(Vec<(Model, Model)>),
}

pub(crate) const NAN: u64 = 0x7FF8_0000_0000_0000;

/// Floats that lie at the edges of something.
pub(crate) fn edges() -> Vec<f64> {
    let powers = [
        0, 1, 52, 53, 54, 61, 62, 63, 64, 255, 256, 257, 767, 768, 1022, 1023,
    ];
    let mut edges = vec![
        0.0,
        f64::MIN_POSITIVE / 4.0,
        f64::MAX,
        f64::INFINITY,
        f64::NAN,
        1.5,
    ];
    for power in powers {
        for float in [2f64.powi(power), 2f64.powi(-power)] {
            edges.extend([float, float.next_up(), float.next_down()]);
        }
    }
    edges.iter().flat_map(|float| [*float, -*float]).collect()
}

/// Values that are no collections; often numbers, and often the same.
pub(crate) fn scalars() -> impl Strategy<Value = Model> {
    let near = |shift: u32| (-2i64..3).prop_map(move |more| (1i64 << shift).wrapping_add(more));
    prop_oneof![
        1 => Just(Model::Nil),
        1 => any::<bool>().prop_map(Model::Boolean),
        4 => (-3i64..40).prop_map(Model::Integer),
        1 => prop_oneof![near(53), near(60), near(63)].prop_map(Model::Integer),
        1 => any::<i64>().prop_map(Model::Integer),
        3 => (-3i64..40).prop_map(|integer| Model::Float((integer as f64).to_bits())),
        1 => prop::sample::select(edges()).prop_map(|float| Model::Float(float.to_bits())),
        1 => any::<u64>().prop_map(Model::Float),
        1 => any::<char>().prop_map(Model::Character),
        2 => "[a-cé\n]{0,3}".prop_map(Model::Text),
        1 => prop::collection::vec(any::<u8>(), 0..12).prop_map(Model::Bytes),
        1 => ((1u64 << 60) - 3..1 << 60).prop_map(Model::Capability),
    ]
}

/// Values of any kind.
pub(crate) fn models() -> impl Strategy<Value = Model> {
    scalars().prop_recursive(4, 40, 6, |inner| {
        let many = prop::collection::vec(inner.clone(), 0..6);
        let pairs = prop::collection::vec((inner.clone(), inner.clone()), 0..6);
        prop_oneof![
            3 => many.clone().prop_map(Model::Vector),
            1 => (0u16..3, many.clone()).prop_map(|(kind, fields)| Model::Record(kind, fields)),
            2 => many.prop_map(Model::Set),
            2 => pairs.prop_map(Model::Map),
        ]
    })
}

impl Model {
    /// The value in a heap.
    pub(crate) fn make<'a>(&self, session: &'a Session<'_>) -> Local<'a> {
        let all = |models: &[Model]| -> Vec<Local<'a>> {
            models.iter().map(|model| model.make(session)).collect()
        };
        match self {
            Model::Nil => session.nil(),
            Model::Boolean(boolean) => session.boolean(*boolean),
            Model::Integer(integer) => session.integer(*integer).unwrap(),
            Model::Float(bits) => session.float_from_bits(*bits).unwrap(),
            Model::Character(character) => session.character(*character),
            Model::Text(text) => session.text(text).unwrap(),
            Model::Bytes(bytes) => session.bytes(bytes).unwrap(),
            Model::Capability(name) => session.capability(*name).unwrap(),
            Model::Record(kind, fields) => session.record(*kind, &all(fields)).unwrap(),
            Model::Vector(elements) => all(elements)
                .into_iter()
                .fold(session.vector().unwrap(), |vector, element| {
                    session.vector_push(vector, element).unwrap()
                }),
            Model::Set(members) => all(members)
                .into_iter()
                .fold(session.set().unwrap(), |set, member| {
                    session.set_insert(set, member).unwrap()
                }),
            Model::Map(entries) => {
                entries
                    .iter()
                    .fold(session.map().unwrap(), |map, (key, value)| {
                        session
                            .map_insert(map, key.make(session), value.make(session))
                            .unwrap()
                    })
            }
        }
    }

    /// Reads a value back.
    pub(crate) fn read(session: &Session<'_>, value: Local<'_>) -> Model {
        match session.kind(value) {
            ValueKind::Nil => Model::Nil,
            ValueKind::Boolean => Model::Boolean(session.as_boolean(value).unwrap()),
            ValueKind::Integer => Model::Integer(session.as_integer(value).unwrap()),
            ValueKind::Float => Model::Float(session.as_float_bits(value).unwrap()),
            ValueKind::Character => Model::Character(session.as_character(value).unwrap()),
            ValueKind::Text => Model::Text(session.as_text(value).unwrap().to_owned()),
            ValueKind::Bytes => Model::Bytes(session.as_bytes(value).unwrap().to_vec()),
            ValueKind::Capability => Model::Capability(session.as_capability(value).unwrap()),
            ValueKind::Code | ValueKind::Atom => panic!("no model has these"),
            ValueKind::Vector => Model::Vector(
                (0..session.vector_len(value).unwrap())
                    .map(|index| Model::read(session, session.vector_get(value, index).unwrap()))
                    .collect(),
            ),
            ValueKind::Record => Model::Record(
                session.record_type(value).unwrap(),
                (0..session.record_len(value).unwrap())
                    .map(|index| Model::read(session, session.field(value, index).unwrap()))
                    .collect(),
            ),
            ValueKind::Set => Model::Set(
                session
                    .set_members(value)
                    .map(|member| Model::read(session, member))
                    .collect(),
            ),
            ValueKind::Map => Model::Map(
                session
                    .map_entries(value)
                    .map(|(key, value)| (Model::read(session, key), Model::read(session, value)))
                    .collect(),
            ),
        }
    }

    /// Without members and keys that are equal to an earlier one; of equal keys the last value.
    pub(crate) fn clean(&self) -> Model {
        let all = |models: &[Model]| models.iter().map(Model::clean).collect::<Vec<_>>();
        match self {
            Model::Float(bits) if f64::from_bits(*bits).is_nan() => Model::Float(NAN),
            Model::Vector(elements) => Model::Vector(all(elements)),
            Model::Record(kind, fields) => Model::Record(*kind, all(fields)),
            Model::Set(members) => {
                let mut kept: Vec<Model> = Vec::new();
                for member in all(members) {
                    if !kept.iter().any(|other| other.equal(&member)) {
                        kept.push(member);
                    }
                }
                Model::Set(kept)
            }
            Model::Map(entries) => {
                let mut kept: Vec<(Model, Model)> = Vec::new();
                for (key, value) in entries {
                    let (key, value) = (key.clean(), value.clean());
                    match kept.iter_mut().find(|(other, _)| other.equal(&key)) {
                        Some((_, old)) => *old = value,
                        None => kept.push((key, value)),
                    }
                }
                Model::Map(kept)
            }
            other => other.clone(),
        }
    }

    /// Whether two clean models are equal, with numbers compared by what they are worth.
    pub(crate) fn equal(&self, other: &Model) -> bool {
        self.same(other, &|a, b| number_order(a, b) == Some(Ordering::Equal))
    }

    /// Whether two clean models are of the same kind and bits.
    pub(crate) fn identical(&self, other: &Model) -> bool {
        self.same(other, &|a, b| match (a, b) {
            (Model::Integer(a), Model::Integer(b)) => a == b,
            (Model::Float(a), Model::Float(b)) => a == b,
            _ => false,
        })
    }

    fn same(&self, other: &Model, numbers: &dyn Fn(&Model, &Model) -> bool) -> bool {
        let row = |a: &[Model], b: &[Model]| {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same(b, numbers))
        };
        match (self, other) {
            (Model::Nil, Model::Nil) => true,
            (Model::Boolean(a), Model::Boolean(b)) => a == b,
            (Model::Character(a), Model::Character(b)) => a == b,
            (Model::Text(a), Model::Text(b)) => a == b,
            (Model::Bytes(a), Model::Bytes(b)) => a == b,
            (Model::Capability(a), Model::Capability(b)) => a == b,
            (Model::Vector(a), Model::Vector(b)) => row(a, b),
            (Model::Record(a, x), Model::Record(b, y)) => a == b && row(x, y),
            (Model::Set(a), Model::Set(b)) => {
                a.len() == b.len() && a.iter().all(|a| b.iter().any(|b| a.same(b, numbers)))
            }
            (Model::Map(a), Model::Map(b)) => {
                a.len() == b.len()
                    && a.iter().all(|(key, value)| {
                        b.iter().any(|(other, found)| {
                            key.same(other, numbers) && value.same(found, numbers)
                        })
                    })
            }
            (a, b) => numbers(a, b),
        }
    }

    /// The order of two models, but for the inside of sets and maps, of which it knows nothing.
    pub(crate) fn order(&self, other: &Model) -> Option<Ordering> {
        let by_rank = self.rank().cmp(&other.rank());
        if by_rank.is_ne() {
            return Some(by_rank);
        }
        let row = |a: &[Model], b: &[Model]| {
            for (a, b) in a.iter().zip(b) {
                match a.order(b) {
                    Some(Ordering::Equal) => {}
                    other => return other,
                }
            }
            Some(a.len().cmp(&b.len()))
        };
        match (self, other) {
            (Model::Boolean(a), Model::Boolean(b)) => Some(a.cmp(b)),
            (Model::Character(a), Model::Character(b)) => Some(a.cmp(b)),
            (Model::Text(a), Model::Text(b)) => Some(a.chars().cmp(b.chars())),
            (Model::Bytes(a), Model::Bytes(b)) => Some(a.cmp(b)),
            (Model::Capability(a), Model::Capability(b)) => Some(a.cmp(b)),
            (Model::Vector(a), Model::Vector(b)) => row(a, b),
            (Model::Record(a, x), Model::Record(b, y)) => match (a, x.len()).cmp(&(b, y.len())) {
                Ordering::Equal => row(x, y),
                order => Some(order),
            },
            (Model::Set(a), Model::Set(b)) => Some(a.len().cmp(&b.len())).filter(|by| by.is_ne()),
            (Model::Map(a), Model::Map(b)) => Some(a.len().cmp(&b.len())).filter(|by| by.is_ne()),
            (Model::Nil, Model::Nil) => Some(Ordering::Equal),
            (a, b) => number_order(a, b).map(|order| {
                let place = |model: &Model| match model {
                    Model::Integer(_) => 0,
                    Model::Float(bits) if *bits == 1 << 63 => 1,
                    _ => 2,
                };
                order.then(place(a).cmp(&place(b)))
            }),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Model::Nil => 0,
            Model::Boolean(_) => 1,
            Model::Integer(_) | Model::Float(_) => 2,
            Model::Character(_) => 3,
            Model::Text(_) => 4,
            Model::Bytes(_) => 5,
            Model::Capability(_) => 7,
            Model::Vector(_) => 9,
            Model::Record(..) => 10,
            Model::Set(_) => 11,
            Model::Map(_) => 12,
        }
    }
}

/// Which number is worth more, found with the wider integers of the standard library; none if one
/// is no number.
fn number_order(a: &Model, b: &Model) -> Option<Ordering> {
    match (a, b) {
        (Model::Integer(a), Model::Integer(b)) => Some(a.cmp(b)),
        (Model::Integer(a), Model::Float(b)) => Some(mixed(*a, f64::from_bits(*b))),
        (Model::Float(a), Model::Integer(b)) => Some(mixed(*b, f64::from_bits(*a)).reverse()),
        (Model::Float(a), Model::Float(b)) => {
            let (a, b) = (f64::from_bits(*a), f64::from_bits(*b));
            Some(
                a.partial_cmp(&b)
                    .unwrap_or_else(|| a.is_nan().cmp(&b.is_nan())),
            )
        }
        _ => None,
    }
}

fn mixed(integer: i64, float: f64) -> Ordering {
    if float.is_nan() || float >= 1e30 {
        return Ordering::Less;
    }
    if float <= -1e30 {
        return Ordering::Greater;
    }
    i128::from(integer)
        .cmp(&(float.trunc() as i128))
        .then(0.0.partial_cmp(&float.fract()).unwrap())
}

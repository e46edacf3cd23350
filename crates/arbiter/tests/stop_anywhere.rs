//! tmp
use stele_arbiter::*;
use stele_hal::*;
struct H {
    out: Vec<u8>,
    input: std::collections::VecDeque<u8>,
    ready: bool,
}
impl Console for H {
    fn write(&mut self, b: &[u8]) {
        self.out.extend_from_slice(b)
    }
    fn read(&mut self) -> Input {
        if !self.ready {
            self.ready = true;
            return Input::Empty;
        }
        self.ready = false;
        self.input.pop_front().map_or(Input::Closed, Input::Byte)
    }
    fn take_interrupt(&mut self) -> bool {
        false
    }
}
impl Time for H {
    fn now_ns(&self) -> u64 {
        0
    }
}
impl Cpu for H {
    fn wait_for_interrupt(&mut self) {}
}
fn text() -> Vec<u8> {
    let d = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/conformance");
    let mut t = std::fs::read(format!("{d}/harness.fth")).unwrap();
    let mut f: Vec<_> = std::fs::read_dir(format!("{d}/core"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    f.sort();
    for f in f {
        t.push(b'\n');
        t.extend(std::fs::read(f).unwrap());
    }
    t.extend(b"\nREPORT COST . BYE\n");
    t
}
fn fresh() -> H {
    H {
        out: vec![],
        input: Default::default(),
        ready: false,
    }
}
#[test]
fn quick() {
    let t = text();
    let run = |q: u32| {
        let mut region = vec![0u64; 1 << 18];
        let mut a = Arbiter::new(&mut region).unwrap();
        a.create_root(
            &[Source {
                name: b"x",
                contents: &t,
            }],
            Mode {
                leave_after_texts: true,
                quiet: false,
            },
        )
        .unwrap();
        let mut h = fresh();
        let mut n = 0;
        let e = loop {
            n += 1;
            if let Turn::Over(e) = a.turn(&mut h, q) {
                break e;
            }
        };
        println!(
            "{n} {e:?} {}",
            String::from_utf8_lossy(&h.out[h.out.len() - 100..])
        );
        h.out
    };
    let a = run(100000);
    for q in [0, 1, 7, 1000] {
        assert_eq!(run(q), a);
    }
    let mut r1 = vec![0u64; 1 << 18];
    let mut r2 = vec![0u64; 1 << 18];
    let mut img = vec![0u8; 1 << 21];
    let mut h = fresh();
    let mut len = {
        let mut a = Arbiter::new(&mut r1).unwrap();
        a.create_root(
            &[Source {
                name: b"x",
                contents: &t,
            }],
            Mode {
                leave_after_texts: true,
                quiet: false,
            },
        )
        .unwrap();
        a.save(&mut img).unwrap()
    };
    let mut n = 0;
    let t0 = std::time::Instant::now();
    let mut tl = std::time::Duration::ZERO;
    let mut ts = std::time::Duration::ZERO;
    let e = loop {
        n += 1;
        let region: &mut [u64] = if n % 2 == 0 { &mut r1 } else { &mut r2 };
        region.fill(0xDBDBDBDBDBDBDBDB);
        let t1 = std::time::Instant::now();
        let mut a = Arbiter::load(region, &img[..len])
            .unwrap_or_else(|e| panic!("hop {n}: {e} {}", String::from_utf8_lossy(&h.out)));
        tl += t1.elapsed();
        if let Turn::Over(e) = a.turn(&mut h, 0) {
            break e;
        }
        let t1 = std::time::Instant::now();
        len = a.save(&mut img).unwrap();
        ts += t1.elapsed();
        if n % 10000 == 0 {
            println!("{n} {:?} {tl:?} {ts:?}", t0.elapsed());
        }
    };
    println!("{n} {e:?} {:?} {tl:?} {ts:?} {len}", t0.elapsed());
    assert!(h.out == a);
}

//! The framebuffer: pixels in a device's memory.

use core::ptr;

use stele_bootinfo::{PHYSICAL_MAP, PixelFormat};

use super::Surface;
use crate::mm::address_space::is_framebuffer;

/// Bytes of a pixel.
const PIXEL: usize = 4;

/// A mapped framebuffer.
#[derive(Debug)]
pub(super) struct Framebuffer {
    /// Virtual address of the first pixel.
    start: usize,
    width: usize,
    height: usize,
    /// Pixels from one row's start to the next.
    stride: usize,
    red_first: bool,
}

impl Framebuffer {
    /// The framebuffer that the loader found and mapped; nothing if there is none, or if what is said
    /// of it contradicts itself or the page tables.
    pub(super) fn new(info: &stele_bootinfo::Framebuffer) -> Option<Self> {
        let red_first = match info.format {
            PixelFormat::None => return None,
            PixelFormat::Rgbx => true,
            PixelFormat::Bgrx => false,
        };
        let (width, height) = (info.width as usize, info.height as usize);
        let stride = info.stride as usize;
        let length = stride.checked_mul(height)?.checked_mul(PIXEL)? as u64;
        let start = PHYSICAL_MAP.checked_add(info.address)?;
        let sound = width <= stride && length <= info.size && start.is_multiple_of(PIXEL as u64);
        (sound && is_framebuffer(start, length)).then_some(Self {
            start: start as usize,
            width,
            height,
            stride,
            red_first,
        })
    }
}

impl Surface for Framebuffer {
    fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    fn pixel(&self, [red, green, blue]: [u8; 3]) -> u32 {
        u32::from_le_bytes(if self.red_first {
            [red, green, blue, 0]
        } else {
            [blue, green, red, 0]
        })
    }

    fn draw(&mut self, x: usize, y: usize, pixels: &[u32]) {
        if y >= self.height || x >= self.width {
            return;
        }
        let row = self.start + (y * self.stride + x) * PIXEL;
        let pixels = &pixels[..pixels.len().min(self.width - x)];
        for (index, pixel) in pixels.iter().enumerate() {
            let place = ptr::with_exposed_provenance_mut::<u32>(row + index * PIXEL);
            // SAFETY: `new` looked that all `height` rows of `stride` pixels are mapped as a framebuffer,
            // where no Rust object lives, and they stay so; the pixel is one of them, and aligned.
            unsafe { place.write_volatile(*pixel) };
        }
    }
}

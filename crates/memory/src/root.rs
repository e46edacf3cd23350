//! Roots: how code outside this crate keeps a value across a safepoint.

use crate::value::Value;

/// A place that keeps a value alive and is told where the value went.
///
/// Whoever owns one passes it to every collection; a clone is one more root, and is passed too.
#[derive(Clone, Debug)]
#[repr(transparent)]
pub struct Root(pub(crate) Value);

impl Root {
    /// A root that holds nil.
    pub const NIL: Root = Root(Value::NIL);

    /// A root that holds an integer which needs no object: one of 61 bits. Without a session, for
    /// whoever moves integers in haste.
    #[inline]
    #[must_use]
    pub const fn integer(integer: i64) -> Option<Root> {
        match Value::inline_integer(integer) {
            Some(value) => Some(Root(value)),
            None => None,
        }
    }

    /// The integer it holds; none if that is an object or something else.
    #[inline]
    #[must_use]
    pub const fn as_integer(&self) -> Option<i64> {
        self.0.as_inline_integer()
    }
}

impl Default for Root {
    fn default() -> Root {
        Root::NIL
    }
}

/// Some roots of a heap, however they are kept.
pub trait Roots {
    /// Calls `visit` with each root.
    fn each(&self, visit: &mut dyn FnMut(&Root));
}

/// Some roots of a heap that a collection may change. It asks twice, and must be shown the same
/// roots both times.
pub trait RootsMut {
    /// Calls `visit` with each root.
    fn each_mut(&mut self, visit: &mut dyn FnMut(&mut Root));
}

impl Roots for [&Root] {
    fn each(&self, visit: &mut dyn FnMut(&Root)) {
        self.iter().for_each(|root| visit(root));
    }
}

impl<const N: usize> Roots for [&Root; N] {
    fn each(&self, visit: &mut dyn FnMut(&Root)) {
        self.as_slice().each(visit);
    }
}

impl Roots for [Root] {
    fn each(&self, visit: &mut dyn FnMut(&Root)) {
        self.iter().for_each(visit);
    }
}

impl<R: RootsMut + ?Sized> RootsMut for &mut R {
    fn each_mut(&mut self, visit: &mut dyn FnMut(&mut Root)) {
        (**self).each_mut(visit);
    }
}

impl RootsMut for [&mut Root] {
    fn each_mut(&mut self, visit: &mut dyn FnMut(&mut Root)) {
        self.iter_mut().for_each(|root| visit(root));
    }
}

impl<const N: usize> RootsMut for [&mut Root; N] {
    fn each_mut(&mut self, visit: &mut dyn FnMut(&mut Root)) {
        self.as_mut_slice().each_mut(visit);
    }
}

impl<const N: usize> RootsMut for [Root; N] {
    fn each_mut(&mut self, visit: &mut dyn FnMut(&mut Root)) {
        self.as_mut_slice().each_mut(visit);
    }
}

impl RootsMut for [Root] {
    fn each_mut(&mut self, visit: &mut dyn FnMut(&mut Root)) {
        self.iter_mut().for_each(visit);
    }
}

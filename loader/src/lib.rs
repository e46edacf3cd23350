//! The UEFI application that loads the kernel and hands the machine over to it.
#![cfg_attr(not(test), no_std)]

//! The plugin `google` on the way that its users go, towards a scripted Google.

mod access;
mod calendar;
mod event;
mod sheets;

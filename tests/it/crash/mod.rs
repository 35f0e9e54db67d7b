//! The server dies without a word, again and again, and no run is lost, stuck or done twice.

mod point;
mod random;
mod world;

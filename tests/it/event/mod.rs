mod follow;
mod publish;
mod rest;
mod validate;

mod publish;
mod rest;
mod validate;

//! What the terminal shows.

/// Numbered steps with details below each.
pub struct Progress {
    step: usize,
    steps: usize,
}

impl Progress {
    /// None of so many steps is done yet.
    pub fn of(steps: usize) -> Self {
        println!("From a signed webhook to a plugin's answer\n");
        Self { step: 0, steps }
    }

    /// Begins the next step.
    pub fn step(&mut self, what: &str) {
        self.step += 1;
        println!("[{}/{}] {what}", self.step, self.steps);
    }

    /// Shows something that the current step has found.
    #[expect(clippy::unused_self, reason = "a detail belongs to a step")]
    pub fn detail(&self, what: &str) {
        println!("      {what}");
    }
}

//! Draws the conclusions from attempts.

use std::sync::Arc;

use jackfield_storage::{
    Attempted, Timestamp,
    delivery::{Delivery, DeliveryStatus},
    endpoint_health::Tally,
};

use super::{Job, Record, Shared, attempt::Done, lane::Verdict};
use crate::outbound::SOURCE_OPERATIONAL;

impl Shared {
    /// Writes down what came of a delivery and draws the conclusions; nothing came of it when its endpoint gets nothing any
    /// more.
    pub(super) fn settle(self: &Arc<Self>, job: Job, done: Option<Done>) {
        let now = self.store.clock().now();
        let Some(done) = done else {
            self.cancel(job.delivery);
            return;
        };
        let endpoint = &job.target.endpoint;
        self.health.count(Tally::new(
            endpoint.workspace_id,
            endpoint.id,
            now,
            done.verdict == Verdict::Good,
            done.elapsed,
        ));
        let lane = &job.target.lane;
        if let Some((waiting, until)) = lane.note(done.verdict, now) {
            for job in waiting {
                self.put_off(job, until);
            }
        }
        let good = done.verdict == Verdict::Good;
        super::record::watch(self, &job.target, good, done.gone, now);
        let mut delivery = job.delivery;
        delivery.attempts += 1;
        let queue = delivery.queue.clone();
        let mut chance = [0];
        if done.verdict != Verdict::Good {
            self.store.clock().random(&mut chance);
        }
        let made = delivery.attempts - delivery.begun;
        let schedule = &self.config.schedule;
        match (done.verdict, schedule.pause(made, chance[0], done.asked)) {
            (Verdict::Good, _) => delivery.finish(DeliveryStatus::Succeeded, now),
            (_, Some(pause)) if !done.gone => delivery.wait(now.after(pause)),
            _ => delivery.finish(DeliveryStatus::Failed, now),
        }
        let operational = job.parcel.event.source == SOURCE_OPERATIONAL;
        self.record(Record {
            exhausted: delivery.status == DeliveryStatus::Failed && !operational,
            done: Attempted {
                left: queue.filter(|_| delivery.queue.is_none()),
                delivery,
                attempt: done.attempt,
                position: 0,
            },
        });
    }

    /// Gives a delivery back without having tried.
    pub(super) fn put_off(&self, job: Job, until: Timestamp) {
        self.give_back(job.delivery, until);
    }

    /// Lets others claim a delivery from an instant on.
    pub(super) fn give_back(&self, mut delivery: Delivery, until: Timestamp) {
        let manual = delivery.manual;
        delivery.wait(until);
        delivery.manual = manual;
        self.record_untried(delivery, None);
    }

    /// Nobody wants the delivery any more.
    pub(super) fn cancel(&self, mut delivery: Delivery) {
        let left = delivery.queue.clone();
        delivery.finish(DeliveryStatus::Cancelled, self.store.clock().now());
        self.record_untried(delivery, left);
    }

    fn record_untried(&self, delivery: Delivery, left: Option<String>) {
        self.record(Record {
            exhausted: false,
            done: Attempted {
                delivery,
                attempt: None,
                left,
                position: 0,
            },
        });
    }
}

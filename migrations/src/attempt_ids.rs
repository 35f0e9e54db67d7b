use crate::index;

crate::step!("2026_11_28_000102_attempt_ids", |manager| {
    manager
        .create_index(index("delivery_attempts", &["id"]).unique().take())
        .await
});

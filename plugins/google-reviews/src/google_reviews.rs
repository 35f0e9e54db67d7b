//! The node `google-reviews`.

mod get_rating;
mod list_reviews;
mod options;
mod subject;

use jackfield_plugin_sdk::prelude::*;

pub(crate) fn operations() -> Operations {
    let about = About::new("Google Reviews")
        .description("Reads what a place is rated, and what people say of it.")
        .icon("star")
        .provider("google-reviews")
        .input("data-in", "Which place it is about.")
        .output("data-out", "The rating, or the reviews.")
        .output("error", "Why there is none.")
        .documentation(include_str!("google_reviews/documentation.md"))
        .examples(include_str!("google_reviews/examples.json"))
        .options::<options::Places>()
        .options::<options::Accounts>()
        .options::<options::Locations>();
    Operations::new("google-reviews", about)
        .operation::<get_rating::GetRating>()
        .operation::<list_reviews::ListReviews>()
}

#[cfg(test)]
mod tests;

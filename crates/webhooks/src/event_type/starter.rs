/// The types of a business that sends people out to its customers: appointments, bookings, payments and the like.
pub(super) const DOCUMENT: &str = include_str!("starter.json");

#[cfg(test)]
mod tests {
    use jackfield_storage::Clock;
    use jackfield_storage::ids::WorkspaceId;

    use super::*;
    use crate::event_type::NewEventType;

    #[test]
    fn each_type_has_a_schema_and_an_example_that_matches() {
        let clock = Clock::system();
        let types: Vec<NewEventType> = serde_json::from_str(DOCUMENT).unwrap();
        assert_eq!(types.len(), 35);
        for new in types {
            let name = new.name.clone();
            assert!(new.schema.is_some() && new.example.is_some(), "{name}");
            let workspace: WorkspaceId = clock.id();
            let checked = new.check(workspace, clock.id());
            assert_eq!(checked.err(), None, "{name}");
        }
    }
}

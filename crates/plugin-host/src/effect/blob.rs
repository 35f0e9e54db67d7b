use std::future::Future;

use jackfield_plugin_abi::messages::{BlobRead, CallError};

use super::{Performer, Reply};

impl Performer<'_> {
    pub(super) fn blob(
        &self,
        read: &BlobRead<'_>,
    ) -> impl Future<Output = Result<Reply, CallError>> + Send + use<'_> {
        let id = read.id.clone().into_owned();
        let offset = read.offset;
        let len = read.len.min(self.host.limits().frame.bin as u64);
        async move {
            let part = self.services.read_blob(&id, offset, len).await?;
            Ok(Reply::Blob(part))
        }
    }
}

//! Object stores, through the crate `object_store`: `s3://bucket/key`, `gs://bucket/key`, `az://container/key`.

use super::super::identity::{Stat, io_error};
use crate::audio::AudioError;
use crate::error::Error;
use futures_util::TryStreamExt;
use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::path::Path as Key;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt, WriteMultipart};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::{Builder, Runtime};

/// Bytes that are sent at once.
const PIECE_BYTES: usize = 8 << 20;
/// Pieces that are on their way at once.
const PIECES_AT_ONCE: usize = 4;
/// Variables of the environment whose values nobody is to read in an error.
const SECRETS: [&str; 4] = ["KEY", "TOKEN", "SECRET", "SAS"];

/// The stores that were used so far, each with its connections.
#[derive(Default)]
pub(super) struct Cloud {
    runtime: Mutex<Option<Arc<Runtime>>>,
    stores: Mutex<HashMap<String, Arc<dyn ObjectStore>>>,
}

impl Cloud {
    pub(super) fn stat(&self, url: &str) -> Result<Option<Stat>, Error> {
        let (store, key) = self.open(url)?;
        match self.runtime(url)?.block_on(store.head(&key)) {
            Ok(meta) => Ok(Some(stat(&meta))),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(refused(url, &error)),
        }
    }

    pub(super) fn fetch(&self, url: &str, file: &Path) -> Result<Stat, Error> {
        let (store, key) = self.open(url)?;
        let mut out = File::create(file).map_err(|source| io_error(file, source))?;
        self.runtime(url)?.block_on(async {
            let found = store.get(&key).await.map_err(|error| refused(url, &error))?;
            let stat = stat(&found.meta);
            let mut pieces = found.into_stream();
            while let Some(piece) = pieces.try_next().await.map_err(|error| refused(url, &error))? {
                out.write_all(&piece).map_err(|source| io_error(file, source))?;
            }
            Ok(stat)
        })
    }

    /// An object appears when its last piece has arrived, and not before; pieces of one that fails are taken back.
    pub(super) fn send(&self, file: &Path, url: &str) -> Result<Stat, Error> {
        let (store, key) = self.open(url)?;
        let unreadable = |source| io_error(file, source);
        let refused = |error: object_store::Error| refused(url, &error);
        let mut source = File::open(file).map_err(unreadable)?;
        let bytes = source.metadata().map_err(unreadable)?.len();
        self.runtime(url)?.block_on(async {
            if bytes <= PIECE_BYTES as u64 {
                let mut whole = Vec::with_capacity(bytes as usize);
                source.read_to_end(&mut whole).map_err(unreadable)?;
                store.put(&key, whole.into()).await.map_err(refused)?;
            } else {
                let upload = store.put_multipart(&key).await.map_err(refused)?;
                let mut writer = WriteMultipart::new_with_chunk_size(upload, PIECE_BYTES);
                let mut piece = vec![0; PIECE_BYTES];
                loop {
                    let read = source.read(&mut piece);
                    let sent = match read {
                        Ok(0) => break,
                        Ok(read) => {
                            writer.wait_for_capacity(PIECES_AT_ONCE).await.map(|()| writer.write(&piece[..read])).map_err(refused)
                        }
                        Err(source) => Err(unreadable(source)),
                    };
                    if let Err(error) = sent {
                        // Where taking back fails too, the first error says more.
                        let _ = writer.abort().await;
                        return Err(error);
                    }
                }
                writer.finish().await.map_err(refused)?;
            }
            store.head(&key).await.map(|meta| stat(&meta)).map_err(refused)
        })
    }

    /// The store of a URL and the key in it. Errors: a URL without a key; an environment that cannot be used.
    fn open(&self, url: &str) -> Result<(Arc<dyn ObjectStore>, Key), Error> {
        let hint = "a URL is SCHEME://BUCKET/KEY; credentials and endpoint are taken from the environment";
        let wrong = |what: String| Error::asked(format!("{url}: {what}"), hint);
        let (scheme, rest) = url.split_once("://").ok_or_else(|| wrong("no URL".into()))?;
        let (bucket, key) = rest
            .split_once('/')
            .filter(|(bucket, key)| !bucket.is_empty() && !key.is_empty())
            .ok_or_else(|| wrong("bucket and key are needed".into()))?;
        let key = Key::parse(key).map_err(|error| wrong(error.to_string()))?;
        let mut stores = self.stores.lock().unwrap_or_else(PoisonError::into_inner);
        let name = format!("{scheme}://{bucket}");
        if let Some(store) = stores.get(&name) {
            return Ok((Arc::clone(store), key));
        }
        // Another part of the program may have chosen already: then that is taken.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let store: Result<Arc<dyn ObjectStore>, object_store::Error> = match scheme {
            "s3" => AmazonS3Builder::from_env().with_bucket_name(bucket).build().map(|store| Arc::new(store) as _),
            "gs" => GoogleCloudStorageBuilder::from_env().with_bucket_name(bucket).build().map(|store| Arc::new(store) as _),
            _ => MicrosoftAzureBuilder::from_env().with_container_name(bucket).build().map(|store| Arc::new(store) as _),
        };
        let store = store.map_err(|error| wrong(scrubbed(&error)))?;
        stores.insert(name, Arc::clone(&store));
        Ok((store, key))
    }

    fn runtime(&self, url: &str) -> Result<Arc<Runtime>, Error> {
        let mut runtime = self.runtime.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(runtime) = &*runtime {
            return Ok(Arc::clone(runtime));
        }
        let built = Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let built = Arc::new(built.map_err(|source| io_error(Path::new(url), source))?);
        *runtime = Some(Arc::clone(&built));
        Ok(built)
    }
}

fn stat(meta: &ObjectMeta) -> Stat {
    Stat { bytes: meta.size, stamp: meta.e_tag.clone().unwrap_or_else(|| meta.last_modified.to_rfc3339()) }
}

/// What a store said, without secrets.
fn refused(url: &str, error: &object_store::Error) -> Error {
    match error {
        object_store::Error::NotFound { .. } => AudioError::NotFound { path: url.into() }.into(),
        object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. } => {
            let what = "the store refuses access; check the credentials in the environment";
            io_error(Path::new(url), io::Error::new(io::ErrorKind::PermissionDenied, what))
        }
        other => io_error(Path::new(url), io::Error::other(scrubbed(other))),
    }
}

/// An error's words and those of its causes; whatever the environment holds as a secret is left out.
fn scrubbed(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(one) = cause {
        text += &format!(": {one}");
        cause = one.source();
    }
    for (name, value) in std::env::vars() {
        if value.len() > 3 && SECRETS.iter().any(|secret| name.contains(secret)) {
            text = text.replace(&value, "***");
        }
    }
    text
}

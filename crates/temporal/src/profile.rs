//! The settings and a profile of `temporal.toml` become a server: a setting wins over the profile.

use std::collections::HashMap;
use std::path::Path;

use kai_core::config::Secret;
use temporalio_client::envconfig::{
    ClientConfigProfile, ConfigError, DataSource, LoadClientConfigProfileOptions,
};
use temporalio_common::envconfig::{ClientConfigTLS, load_client_config_profile};

use crate::tls::{Identity, Pem, Tls};
use crate::{Server, TemporalError, TemporalSettings};

/// The prefix of the variables that name further headers, as Temporal's other programs read them.
const HEADER_PREFIX: &str = "TEMPORAL_GRPC_META_";

/// The server that the settings and the profile name together.
pub(crate) fn server(settings: &TemporalSettings) -> Result<Server, TemporalError> {
    let mut profile = load(settings)?;
    add_headers(&mut profile)?;
    let api_key = settings
        .temporal_api_key
        .clone()
        .or_else(|| profile.api_key.take().map(Secret::from));
    let tls = tls(settings, profile.tls.take(), api_key.is_some())?;
    let address = settings
        .temporal_host
        .clone()
        .or_else(|| settings.temporal_address.clone())
        .or(profile.address);
    Ok(Server {
        address: address.unwrap_or_else(|| "localhost:7233".to_owned()),
        namespace: settings
            .temporal_namespace
            .clone()
            .or(profile.namespace)
            .unwrap_or_else(|| "default".to_owned()),
        task_queue: settings.task_queue(),
        api_key,
        tls,
        headers: profile.grpc_meta.into_iter().collect(),
        codec_keys: settings.temporal_codec_keys.clone(),
    })
}

fn load(settings: &TemporalSettings) -> Result<ClientConfigProfile, TemporalError> {
    let file = settings.temporal_config_file.as_deref();
    if let Some(path) = file {
        // What is not there is no error to the loader, but it is one to whoever named it.
        std::fs::metadata(path).map_err(|error| {
            let problem = format!("cannot read {}: {error}", path.display());
            TemporalError::setting("TEMPORAL_CONFIG_FILE", problem)
        })?;
    }
    let options = LoadClientConfigProfileOptions::builder()
        .maybe_config_source(file.map(|path| DataSource::Path(path.display().to_string())))
        .maybe_config_file_profile(settings.temporal_profile.clone())
        .disable_env(true)
        .build();
    load_client_config_profile(options, None).map_err(|error| match error {
        ConfigError::ProfileNotFound(name) => TemporalError::setting(
            "TEMPORAL_PROFILE",
            format!("there is no profile '{name}' in {}", file_name(file)),
        ),
        ConfigError::InvalidConfig(problem) => {
            TemporalError::setting(format!("TEMPORAL_CONFIG_FILE {}", file_name(file)), problem)
        }
        // Only the first line: the others show what the file says, which may be a key.
        ConfigError::LoadError(error) => TemporalError::setting(
            format!("TEMPORAL_CONFIG_FILE {}", file_name(file)),
            error.to_string().lines().next().unwrap_or_default(),
        ),
    })
}

fn file_name(file: Option<&Path>) -> String {
    file.map_or_else(
        || "temporalio/temporal.toml in the configuration directory".to_owned(),
        |path| path.display().to_string(),
    )
}

/// Adds the headers that the environment names to the profile's.
fn add_headers(profile: &mut ClientConfigProfile) -> Result<(), TemporalError> {
    let headers: HashMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| name.starts_with(HEADER_PREFIX))
        .collect();
    profile
        .load_from_env(Some(&headers))
        .map_err(|error| TemporalError::setting(format!("{HEADER_PREFIX}*"), error.to_string()))
}

/// How the connection is secured, if it is to be.
fn tls(
    settings: &TemporalSettings,
    profile: Option<ClientConfigTLS>,
    has_api_key: bool,
) -> Result<Option<Tls>, TemporalError> {
    let in_profile = profile.is_some();
    let profile = profile.unwrap_or_default();
    let trust_anyone = settings
        .temporal_tls_disable_host_verification
        .unwrap_or(profile.disable_host_verification);
    if trust_anyone {
        return Err(TemporalError::setting(
            "TEMPORAL_TLS_DISABLE_HOST_VERIFICATION",
            "KAI always checks the server's certificate; set TEMPORAL_TLS_SERVER_CA_CERT_PATH to its \
             authority and TEMPORAL_TLS_SERVER_NAME to its name instead",
        ));
    }
    let disabled = settings.temporal_tls.map(|on| !on).or(profile.disabled);
    if disabled == Some(true) {
        return Ok(None);
    }
    let certificate = pem(
        "TEMPORAL_TLS_CLIENT_CERT",
        settings.temporal_tls_client_cert_path.as_deref(),
        settings.temporal_tls_client_cert_data.as_deref(),
        profile.client_cert,
        "client_cert",
    )?;
    let key = pem(
        "TEMPORAL_TLS_CLIENT_KEY",
        settings.temporal_tls_client_key_path.as_deref(),
        settings
            .temporal_tls_client_key_data
            .as_ref()
            .map(Secret::expose),
        profile.client_key,
        "client_key",
    )?;
    let identity = match (certificate, key) {
        (Some(certificate), Some(key)) => Some(Identity { certificate, key }),
        (None, None) => None,
        (Some(_), None) => {
            return Err(TemporalError::setting(
                "TEMPORAL_TLS_CLIENT_KEY_PATH",
                "is not set, and a client certificate needs its key",
            ));
        }
        (None, Some(_)) => {
            return Err(TemporalError::setting(
                "TEMPORAL_TLS_CLIENT_CERT_PATH",
                "is not set, and a client key needs its certificate",
            ));
        }
    };
    let authority = pem(
        "TEMPORAL_TLS_SERVER_CA_CERT",
        settings.temporal_tls_server_ca_cert_path.as_deref(),
        settings.temporal_tls_server_ca_cert_data.as_deref(),
        profile.server_ca_cert,
        "server_ca_cert",
    )?;
    let tls = Tls {
        authority,
        identity,
        server_name: settings
            .temporal_tls_server_name
            .clone()
            .or(profile.server_name),
    };
    let is_wanted = disabled == Some(false) || in_profile || has_api_key || tls != Tls::default();
    if !is_wanted {
        return Ok(None);
    }
    tls.check()?;
    Ok(Some(tls))
}

/// The text of a path or data setting, else of the profile's.
fn pem(
    setting: &str,
    path: Option<&Path>,
    data: Option<&str>,
    profile: Option<DataSource>,
    profile_key: &str,
) -> Result<Option<Pem>, TemporalError> {
    match (path, data, profile) {
        (Some(path), _, _) => Pem::read(format!("{setting}_PATH"), path).map(Some),
        (None, Some(data), _) => Ok(Some(Pem::new(format!("{setting}_DATA"), data))),
        (None, None, Some(DataSource::Path(path))) => Pem::read(
            format!("{profile_key}_path of the profile"),
            Path::new(&path),
        )
        .map(Some),
        (None, None, Some(DataSource::Data(data))) => Ok(Some(Pem::new(
            format!("{profile_key}_data of the profile"),
            data,
        ))),
        (None, None, _) => Ok(None),
    }
}

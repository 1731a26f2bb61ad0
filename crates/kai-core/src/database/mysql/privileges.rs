//! What the account could do on MySQL or MariaDB beyond reading, from what `SHOW GRANTS` says.

use sqlx::{AssertSqlSafe, Executor, MySqlConnection};

use super::super::privileges::Excess;
use super::super::{CATALOGUE_TIMEOUT, DatabaseError};
use super::catalogue::{rows, texts};
use super::session::bounded;
use super::{Mysql, Server};

/// What lets an account read, or see what there is to read.
const READING: &[&str] = &["SELECT", "SHOW DATABASES", "SHOW VIEW", "USAGE"];

/// One line of `SHOW GRANTS`.
#[derive(Debug, PartialEq, Eq)]
enum Grant {
    /// Privileges on an object.
    Privileges {
        privileges: Vec<String>,
        object: String,
        /// Whether the account may pass them on.
        passes_on: bool,
    },
    /// Roles, as they are written in SQL.
    Roles(Vec<String>),
}

impl Mysql {
    pub(super) async fn read_privileges(&self) -> Result<Vec<Excess>, DatabaseError> {
        bounded(CATALOGUE_TIMEOUT, async {
            let mut session = self.begin(CATALOGUE_TIMEOUT).await?;
            let lines = self.grants(session.connection()?).await;
            // Roles may have been taken on, so nobody else gets the connection.
            session.abandon();
            let mut excess = Vec::new();
            for grant in lines?.iter().filter_map(|line| parse(line)) {
                for one in beyond_reading(&grant) {
                    if !excess.contains(&one) {
                        excess.push(one);
                    }
                }
            }
            Ok(excess)
        })
        .await
    }

    /// What the account may do, and what its roles may, active or not. MySQL tells it of all roles at
    /// once, MariaDB of the one that is taken on.
    async fn grants(&self, connection: &mut MySqlConnection) -> Result<Vec<String>, sqlx::Error> {
        let mut lines = texts(&rows(connection, "SHOW GRANTS", &[]).await?)?;
        let roles: Vec<String> = lines
            .iter()
            .filter_map(|line| match parse(line) {
                Some(Grant::Roles(names)) => Some(names),
                _ => None,
            })
            .flatten()
            .collect();
        if roles.is_empty() {
            return Ok(lines);
        }
        if self.server == Server::Mysql {
            let roles = roles.join(", ");
            let sql = format!("SHOW GRANTS FOR CURRENT_USER() USING {roles}");
            lines.extend(texts(&rows(connection, &sql, &[]).await?)?);
            return Ok(lines);
        }
        for role in roles {
            let take_on = sqlx::raw_sql(AssertSqlSafe(format!("SET ROLE {role}")));
            connection.execute(take_on).await?;
            lines.extend(texts(&rows(connection, "SHOW GRANTS", &[]).await?)?);
        }
        Ok(lines)
    }
}

/// What a grant gives beyond reading.
fn beyond_reading(grant: &Grant) -> Vec<Excess> {
    let Grant::Privileges {
        privileges,
        object,
        passes_on,
    } = grant
    else {
        return Vec::new();
    };
    privileges
        .iter()
        .map(String::as_str)
        .filter(|privilege| !READING.contains(privilege))
        .chain(passes_on.then_some("GRANT OPTION"))
        .map(|privilege| Excess::on(privilege, object.clone()))
        .collect()
}

/// Reads a line. What stands behind the account, which can be the hash of a password, is left alone.
fn parse(line: &str) -> Option<Grant> {
    let granted = line.strip_prefix("GRANT ")?;
    let (what, to) = split(granted, " TO ")?;
    let Some((privileges, object)) = split(what, " ON ") else {
        return Some(Grant::Roles(list(what)));
    };
    let privileges = list(privileges)
        .into_iter()
        // Privileges on columns name them in parentheses.
        .map(|one| match one.split_once(" (") {
            Some((privilege, _columns)) => privilege.to_owned(),
            None => one,
        })
        .collect();
    Some(Grant::Privileges {
        privileges,
        object: object.replace('`', ""),
        passes_on: to.ends_with("WITH GRANT OPTION"),
    })
}

/// Splits at the first of these that stands in no quotes.
fn split<'a>(text: &'a str, at: &str) -> Option<(&'a str, &'a str)> {
    outside(text)
        .find(|index| text.get(*index..).is_some_and(|rest| rest.starts_with(at)))
        .and_then(|index| Some((text.get(..index)?, text.get(index + at.len()..)?)))
}

/// The parts between commas that stand in no quotes and no parentheses.
fn list(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let (mut start, mut depth) = (0, 0_usize);
    for index in outside(text) {
        match text.as_bytes().get(index) {
            Some(b'(') => depth += 1,
            Some(b')') => depth = depth.saturating_sub(1),
            Some(b',') if depth == 0 => {
                parts.extend(text.get(start..index));
                start = index + 1;
            }
            _ => {}
        }
    }
    parts.extend(text.get(start..));
    parts
        .into_iter()
        .map(|part| part.trim().to_owned())
        .collect()
}

/// The places of the characters that stand in no quotes of any kind.
fn outside(text: &str) -> impl Iterator<Item = usize> + '_ {
    let mut quote = None;
    text.char_indices()
        .filter_map(move |(index, character)| match (quote, character) {
            (Some(open), _) => {
                if open == character {
                    quote = None;
                }
                None
            }
            (None, '`' | '\'' | '"') => {
                quote = Some(character);
                None
            }
            (None, _) => Some(index),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excess(line: &str) -> Vec<String> {
        let grant = parse(line).map(|grant| beyond_reading(&grant));
        grant
            .unwrap_or_default()
            .iter()
            .map(Excess::to_string)
            .collect()
    }

    #[test]
    fn grants_are_read_as_the_servers_write_them() {
        for (line, expected) in [
            ("GRANT USAGE ON *.* TO `kai`@`%`", &[][..]),
            ("GRANT SELECT, SHOW VIEW ON `koperasi`.* TO `kai`@`%`", &[]),
            (
                "GRANT ALL PRIVILEGES ON *.* TO `kai`@`%` IDENTIFIED BY PASSWORD '*94BD' WITH GRANT OPTION",
                &["ALL PRIVILEGES on *.*", "GRANT OPTION on *.*"],
            ),
            (
                "GRANT SELECT, INSERT, FILE ON *.* TO 'kai'@'localhost'",
                &["INSERT on *.*", "FILE on *.*"],
            ),
            (
                "GRANT SELECT (`a, ON b`), UPDATE (`c`, `d`) ON `x TO y`.`t` TO `kai`@`%`",
                &["UPDATE on x TO y.t"],
            ),
            (
                "GRANT EXECUTE ON PROCEDURE `koperasi`.`tutup` TO `kai`@`%`",
                &["EXECUTE on PROCEDURE koperasi.tutup"],
            ),
            (
                "GRANT BACKUP_ADMIN,XA_RECOVER_ADMIN ON *.* TO `kai`@`%`",
                &["BACKUP_ADMIN on *.*", "XA_RECOVER_ADMIN on *.*"],
            ),
            ("SET DEFAULT ROLE `baca` FOR `kai`@`%`", &[]),
        ] {
            assert_eq!(excess(line), expected, "{line}");
        }
    }

    #[test]
    fn roles_are_told_apart() {
        assert_eq!(
            parse("GRANT `baca`@`%`,`tulis`@`%` TO `kai`@`%`"),
            Some(Grant::Roles(vec![
                "`baca`@`%`".to_owned(),
                "`tulis`@`%`".to_owned()
            ]))
        );
    }
}

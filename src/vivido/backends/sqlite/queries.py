"""All SQL that runs after a store is open. Parameters by position, in the order of the text."""

from itertools import product

# -- metas
CREATE_META = """
    INSERT INTO metas (execution, workflow, status, created, body) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO NOTHING"""
GET_META = "SELECT body FROM metas WHERE execution = ?"
CHANGE_META = "UPDATE metas SET status = ?, body = ? WHERE execution = ?"
# By (is a workflow given, is a status given): each finds its index. Also: those before a moment of
# creation and an id, limit.
LIST_METAS = {
    (workflow, status): f"""
    SELECT body FROM metas
    WHERE {"workflow = ? AND " * workflow} {"status = ? AND " * status}
    (created, execution) < (?, ?)
    ORDER BY created DESC, execution DESC LIMIT ?"""  # noqa: S608  (all parts are in this file)
    for workflow, status in product((False, True), repeat=2)
}

# -- journals
APPEND = """
    INSERT INTO records (execution, branch, n, kind, by, delivery, time, data)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"""
GET_RECORD = """
    SELECT n, kind, by, delivery, time, data FROM records
    WHERE execution = ? AND branch = ? AND n = ?"""
HEAD = """
    SELECT (SELECT body FROM metas WHERE execution = ?), n, kind, by, delivery, time, data
    FROM (SELECT 1) LEFT JOIN records ON execution = ? AND branch = ? AND n = ?"""
READ_RECORDS = """
    SELECT n, kind, by, delivery, time, data FROM records
    WHERE execution = ? AND branch = ? AND n > ? ORDER BY n LIMIT ?"""
# The branches are a JSON list. Two seeks for each, however long its journal is: CROSS JOIN is how
# SQLite is told which table comes first, else it reads the whole execution once for each branch.
READ_ENDS = """
    SELECT child.key, n, kind, by, delivery, time, data
    FROM json_each(?1) AS child CROSS JOIN records ON execution = ?2 AND branch = child.value
    WHERE n = (SELECT max(n) FROM records WHERE execution = ?2 AND branch = child.value)
    AND kind = 'END'"""
# One seek for each branch, not one row for each record.
BRANCHES = """
    WITH RECURSIVE found (branch) AS (
        SELECT min(branch) FROM records WHERE execution = ?1
        UNION ALL
        SELECT (SELECT min(branch) FROM records WHERE execution = ?1 AND branch > found.branch)
        FROM found WHERE found.branch IS NOT NULL
    )
    SELECT branch FROM found WHERE branch IS NOT NULL"""
LAST_RECORD = """
    SELECT n, kind, by, delivery, time, data FROM records
    WHERE execution = ? AND branch = ? ORDER BY n DESC LIMIT 1"""
# Two seeks for each branch. CROSS JOIN keeps the order in which the branches are found.
HEADS = """
    WITH RECURSIVE found (branch) AS (
        SELECT min(branch) FROM records WHERE execution = ?1 AND branch > ?2
        UNION ALL
        SELECT (SELECT min(branch) FROM records WHERE execution = ?1 AND branch > found.branch)
        FROM found WHERE found.branch IS NOT NULL LIMIT ?3
    )
    SELECT found.branch, n, kind, by, delivery, time, data
    FROM found CROSS JOIN records ON execution = ?1 AND records.branch = found.branch
    WHERE n = (SELECT max(n) FROM records AS all_of_it
               WHERE all_of_it.execution = ?1 AND all_of_it.branch = found.branch)"""

# -- queue
SEND = """
    INSERT INTO messages (execution, id, pool, visible_at, owner, receives, body)
    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"""
NEXT_VISIBLE = "SELECT min(visible_at) FROM messages WHERE pool = ? AND owner IS NULL"
NEXT_VISIBLE_OF_ALL = "SELECT min(visible_at) FROM messages WHERE owner IS NULL"
VISIBLE = """
    SELECT execution, id, receives, body FROM messages
    WHERE pool = ? AND owner IS NULL AND visible_at <= ?
    ORDER BY visible_at, execution, id LIMIT ?"""
# Of one execution and its child executions only: its id, and two patterns for theirs.
NEXT_VISIBLE_OF = f"{NEXT_VISIBLE} AND (execution = ? OR execution GLOB ? OR execution GLOB ?)"
VISIBLE_OF = """
    SELECT execution, id, receives, body FROM messages
    WHERE pool = ? AND owner IS NULL AND visible_at <= ?
    AND (execution = ? OR execution GLOB ? OR execution GLOB ?)
    ORDER BY visible_at, execution, id LIMIT ?"""
LEASE = "UPDATE messages SET owner = ?, receives = ? WHERE execution = ? AND id = ?"
ACK = "DELETE FROM messages WHERE execution = ? AND id = ? AND owner = ?"
BACK = """
    UPDATE messages SET owner = NULL, visible_at = ?
    WHERE execution = ? AND id = ? AND owner = ?"""
MESSAGES_OF = """
    SELECT id, pool, body, visible_at, owner IS NOT NULL FROM messages WHERE execution = ?
    LIMIT ?"""
FORGET = """
    DELETE FROM messages
    WHERE execution = ? AND json_extract(body, '$.cause') NOT IN ('redrive', 'undo')"""

# -- owners
ADD_OWNER = "INSERT INTO owners (pid, seen_at) VALUES (?, ?)"
SEEN = "UPDATE owners SET seen_at = ? WHERE owner = ?"
OTHER_OWNERS = "SELECT owner, seen_at FROM owners WHERE owner IS NOT ?"
FREE_LEASES = "UPDATE messages SET owner = NULL WHERE owner = ?"
REMOVE_OWNER = "DELETE FROM owners WHERE owner = ?"

# -- sets
GET_JOIN = "SELECT members FROM joins WHERE execution = ? AND fork = ? AND item = ?"
PUT_JOIN = "INSERT OR REPLACE INTO joins (execution, fork, item, members) VALUES (?, ?, ?, ?)"
PUT_WAIT = "INSERT OR REPLACE INTO waits (execution, branch, n, body) VALUES (?, ?, ?, ?)"
REMOVE_WAIT = "DELETE FROM waits WHERE execution = ? AND branch = ? AND n = ?"
WAITS_FOR_JOB = """
    SELECT body FROM waits WHERE execution = ? AND json_extract(body, '$.job') = ?
    ORDER BY branch, n"""
SCAN_WAITS = "SELECT body FROM waits WHERE execution = ? ORDER BY branch, n"
PUT_PARKED = "INSERT OR REPLACE INTO parked (execution, id, pool, body) VALUES (?, ?, ?, ?)"
REMOVE_PARKED = "DELETE FROM parked WHERE execution = ? AND id = ?"
SCAN_PARKED = "SELECT id, pool, body FROM parked WHERE execution = ? ORDER BY id"
PARKED_EXECUTIONS = """
    SELECT DISTINCT execution FROM parked WHERE execution > ? ORDER BY execution LIMIT ?"""

# -- switches
SWITCH_OFF = "INSERT INTO switches (workflow) VALUES (?) ON CONFLICT DO NOTHING"
SWITCH_ON = "DELETE FROM switches WHERE workflow = ?"
SWITCHED_OFF = "SELECT workflow FROM switches"

# -- limits
_claim = (  # its columns; no query
    "limit_name, key, execution, place, since, priority, lease_seconds, lasting, fence, until, "
    "told, wake"
)
STATE_LIMIT = """
    INSERT INTO limits (name, bound, period, stated, fence) VALUES (?, ?, ?, ?, 0)
    ON CONFLICT DO UPDATE SET bound = excluded.bound, period = excluded.period,
    stated = excluded.stated WHERE excluded.stated >= stated"""
GET_LIMIT = "SELECT bound, period, stated FROM limits WHERE name = ?"
NEXT_FENCE = "UPDATE limits SET fence = fence + 1 WHERE name = ?"
GET_FENCE = "SELECT fence FROM limits WHERE name = ?"
GET_CLAIM = f"""
    SELECT {_claim} FROM claims WHERE limit_name = ? AND key = ? AND execution = ? AND place = ?"""  # noqa: S608  (all parts are in this file)
HELD = f"""
    SELECT {_claim} FROM claims WHERE limit_name = ? AND key = ? AND until IS NOT NULL"""  # noqa: S608  (all parts are in this file)
FIRST_IN_LINE = f"""
    SELECT {_claim} FROM claims WHERE limit_name = ? AND key = ? AND until IS NULL
    ORDER BY priority DESC, since, fence LIMIT 1"""  # noqa: S608  (all parts are in this file)
IS_IN_LINE = """
    SELECT 1 FROM claims WHERE limit_name = ? AND key = ? AND execution = ? AND until IS NULL
    LIMIT 1"""
PUT_CLAIM = f"""
    INSERT OR REPLACE INTO claims ({_claim}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""  # noqa: S608  (all parts are in this file)
REMOVE_CLAIM = """
    DELETE FROM claims WHERE limit_name = ? AND key = ? AND execution = ? AND place = ?"""
# For people, in no order: all, those of a limit, those of an execution.
VIEW_CLAIMS, VIEW_LIMIT, VIEW_CLAIMS_OF = (
    f"""
    SELECT {_claim}, (SELECT bound FROM limits WHERE name = limit_name) FROM claims
    {where}"""  # noqa: S608  (all parts are in this file)
    for where in ("", "WHERE limit_name = ?", "WHERE execution = ?")
)
GET_BUCKET = "SELECT due FROM buckets WHERE limit_name = ? AND key = ?"
PUT_BUCKET = "INSERT OR REPLACE INTO buckets (limit_name, key, due) VALUES (?, ?, ?)"
DELETE_BUCKETS = "DELETE FROM buckets WHERE due < ?"

# -- blobs
USE_BLOB = """
    INSERT INTO uses (execution, digest, time) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET time = excluded.time"""
HAS_BLOB = "SELECT 1 FROM blobs WHERE digest = ?"
SIZE_OF_BLOB = "SELECT size FROM blobs WHERE digest = ?"
PUT_BLOB = "INSERT INTO blobs (digest, size) VALUES (?, ?) ON CONFLICT DO NOTHING"
PUT_CHUNK = "INSERT INTO chunks (digest, n, data) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
GET_CHUNK = "SELECT data FROM chunks WHERE digest = ? AND n = ?"

# -- notes
LAST_LINE = "SELECT max(n) FROM lines WHERE execution = ?"
ADD_LINE = """
    INSERT INTO lines (execution, n, time, branch, path, step, attempt, level, text)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
DROP_LINES = "DELETE FROM lines WHERE execution = ? AND n <= ?"
READ_LINES = """
    SELECT n, time, branch, path, step, attempt, level, text FROM lines
    WHERE execution = ? AND n > ? ORDER BY n LIMIT ?"""
ADD_ACTION = """
    INSERT INTO actions (execution, n, time, who, what, note)
    VALUES (?, (SELECT coalesce(max(n), 0) + 1 FROM actions WHERE execution = ?), ?, ?, ?, ?)"""
READ_ACTIONS = "SELECT time, who, what, note FROM actions WHERE execution = ? ORDER BY n"
PUT_PROGRESS = """
    INSERT OR REPLACE INTO progress (execution, time, branch, path, step, attempt, fraction, text)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
REMOVE_PROGRESS = "DELETE FROM progress WHERE execution = ? AND branch = ? AND path = ?"
READ_PROGRESS = """
    SELECT time, branch, path, step, attempt, fraction, text FROM progress
    WHERE execution = ? ORDER BY branch, path"""

# -- retention
# Five statuses that end, created before, changed before: the first two find the index. A child
# goes after its parent.
EXPIRED, DELETE_META = (
    f"""
    {begin}
    status IN (?, ?, ?, ?, ?) AND created < ? AND json_extract(body, '$.updated') < ?
    AND NOT EXISTS (SELECT 1 FROM metas AS parent
                    WHERE parent.execution = json_extract(metas.body, '$.parent.execution'))
    {end}"""  # noqa: S608  (all parts are in this file)
    for begin, end in (
        ("SELECT body FROM metas WHERE", "LIMIT ?"),
        ("DELETE FROM metas WHERE execution = ? AND", ""),
    )
)
ADD_LEFTOVER = "INSERT INTO leftovers (execution, time) VALUES (?, ?)"
GET_LEFTOVER = "SELECT time FROM leftovers WHERE execution = ?"
LEFTOVERS = "SELECT execution, time FROM leftovers ORDER BY execution LIMIT ?"
REMOVE_LEFTOVER = "DELETE FROM leftovers WHERE execution = ?"
DELETE_RECORDS = """
    DELETE FROM records WHERE execution = ?1 AND (branch, n) IN (
        SELECT branch, n FROM records WHERE execution = ?1 LIMIT ?2)"""
DELETE_REST = tuple(
    f"DELETE FROM {table} WHERE execution = ?"  # noqa: S608  (the names are here)
    for table in ("messages", "joins", "waits", "parked", "claims", "lines", "progress", "actions")
)
USED = "SELECT digest FROM uses WHERE execution = ? AND time < ? LIMIT ?"
UNUSE_BLOB = "DELETE FROM uses WHERE execution = ? AND digest = ?"
IS_USED = "SELECT 1 FROM uses WHERE digest = ? LIMIT 1"
DELETE_BLOB = "DELETE FROM blobs WHERE digest = ?"
DELETE_CHUNKS = "DELETE FROM chunks WHERE digest = ?"
NEVER_CREATED = """
    SELECT DISTINCT execution FROM uses WHERE time < ?
    AND NOT EXISTS (SELECT 1 FROM metas WHERE metas.execution = uses.execution)
    AND NOT EXISTS (SELECT 1 FROM leftovers WHERE leftovers.execution = uses.execution) LIMIT ?"""

# -- definitions
PUT_DEFINITION = "INSERT INTO definitions (digest, body) VALUES (?, ?) ON CONFLICT DO NOTHING"
GET_DEFINITION = "SELECT body FROM definitions WHERE digest = ?"


def _named() -> dict[str, str]:
    names: dict[str, str] = {}
    for name, text in globals().copy().items():
        match text:
            case str() if name.isupper():
                names[text] = name.lower()
            case tuple() if name.isupper():
                names |= dict.fromkeys(text, name.lower())
            case dict() if name.isupper():
                names |= dict.fromkeys(text.values(), name.lower())
    return names


NAMES = _named()  # from text to name: `append`, `send` …

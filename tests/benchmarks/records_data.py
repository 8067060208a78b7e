"""A site with a year behind it, made by PostgreSQL itself: rows lie in the order of time."""

MILLION = 1_000_000
CONVERSATIONS = 100_000
AUDIT_ROUNDS = 500  # transactions, as the chain has them

# What refers to what is right by the way it is made: asking at every row takes minutes.
QUICKLY = """
SET session_replication_role = replica;
SET work_mem = '128MB';
SET synchronous_commit = off;
SELECT setseed(0.5);
"""
PEOPLE = """
INSERT INTO conversations_sender (channel, number, label, enabled, provider_state, quality,
    daily_limit, created_at)
SELECT CASE WHEN n <= 2 THEN 'sms' ELSE 'whatsapp' END, '38595200000' || n, 'Line ' || n, true,
    'connected', '', '', now() - interval '2 years'
FROM generate_series(1, 4) AS n;
INSERT INTO conversations_agentprofile (account_id, name, time_zone, locale, language,
    send_with_enter, counter_details, updated_at)
SELECT 'agent-' || n, 'Agent ' || n, 'Europe/Zagreb', '', '', false, true, now()
FROM generate_series(1, 25) AS n;
INSERT INTO conversations_customer (id, name, jira_account_id, created_at)
SELECT 1000000 + n, (ARRAY['Marko','Iva','Luka','Petra','Karlo'])[n %% 5 + 1] || ' Customer ' || n,
    CASE WHEN n %% 3 = 0 THEN 'customer-' || n ELSE '' END, now() - interval '1 year'
FROM generate_series(1, %(conversations)s * 2 / 5) AS n;
INSERT INTO conversations_phonenumber (id, key, customer_id, created_at)
SELECT id, '3859' || (80000000 + id), id, created_at
FROM conversations_customer WHERE id > 1000000;
INSERT INTO conversations_address (id, phone_number_id, channel, value, answerable, opted_out_by,
    opted_out_at, created_at)
SELECT id * 2 + place, id, (ARRAY['sms','whatsapp'])[place + 1], key, true,
    CASE WHEN id %% 100 = place THEN 'customer' ELSE '' END,
    CASE WHEN id %% 100 = place THEN created_at + interval '100 days' END, created_at
FROM conversations_phonenumber, generate_series(0, 1) AS place WHERE id > 1000000;
"""
# Two thirds write at work's hours. The last of a customer's may be active, all others have ended.
TALKS = """
INSERT INTO conversations_conversation (id, customer_id, channel, issue_id, issue_key, issue_status,
    state, end_reason, state_before_end, state_changed_at, state_changed_by, version, created_at,
    last_message_at)
SELECT 1000000 + n, 1000000 + n %% (%(conversations)s * 2 / 5) + 1,
    CASE WHEN chance < 0.4 THEN 'sms' ELSE 'whatsapp' END,
    'bench-' || n, (ARRAY['SUP','SUP','SUP','HR','IT','OPS','ACME'])[n %% 7 + 1] || '-' || 1000 + n,
    CASE WHEN living THEN 'In progress' ELSE 'Done' END,
    CASE WHEN living THEN 'active' ELSE 'ended' END,
    CASE WHEN living THEN '' WHEN chance < 0.01 THEN 'opted out' WHEN chance < 0.03 THEN 'deleted'
        ELSE 'resolved' END,
    CASE WHEN living THEN '' ELSE 'active' END,
    CASE WHEN living THEN at ELSE least(at + random() * random() * interval '6 days', now()) END,
    '', 1, at, at
FROM (
    SELECT n, random() AS chance, n > %(conversations)s * 0.96 AS living,
        least(
            date_trunc('day', now() - interval '365 days' * (1 - n::float / %(conversations)s))
            + CASE WHEN n %% 3 = 0 THEN random() * interval '24 hours'
                ELSE interval '7 hours' + random() * interval '9 hours' END,
            now() - interval '1 minute'
        ) AS at
    FROM generate_series(1, %(conversations)s) AS n
) AS opened ORDER BY at;
"""
# Between two messages of a conversation lie minutes, sometimes a night.
MESSAGES = """
INSERT INTO conversations_message (conversation_id, direction, channel, kind, text, content,
    sender_id, address_id, provider_id, client_id, author, auto_reply, quoted_provider_id, reaction,
    occurred_at, created_at, version)
SELECT conversation_id, CASE WHEN ours THEN 'out' ELSE 'in' END, channel, 'text',
    left(repeat('This is what somebody says about a parcel that has not come yet. ', 5),
        20 + (random() * random() * 300)::int),
    '{}', sender_id, address_id, CASE WHEN ours THEN '' ELSE gen_random_uuid()::text END,
    CASE WHEN ours THEN gen_random_uuid() END,
    CASE WHEN ours AND NOT greeting THEN 'agent-' || conversation_id %% 23 + 1 + (random() * 2)::int
        ELSE '' END,
    CASE WHEN ours AND greeting THEN 'greeting' ELSE '' END, '', '', at,
    at + random() * interval '1 second', 1
FROM (
    SELECT c.id AS conversation_id, c.channel, s.id AS sender_id,
        c.customer_id * 2 + (c.channel = 'whatsapp')::int AS address_id,
        k > 1 AND (k = 2 AND c.id %% 2 = 0 OR random() < 0.55) AS ours,
        k = 2 AND c.id %% 2 = 0 AS greeting,
        least(c.created_at + (k - 1) * (0.1 + random() * random()) * interval '90 minutes', now())
            AS at
    FROM conversations_conversation AS c
    JOIN conversations_sender AS s
        ON s.channel = c.channel AND s.number = '38595200000' ||
            CASE c.channel WHEN 'sms' THEN 1 + c.id %% 2 ELSE 3 + c.id %% 2 END
    CROSS JOIN LATERAL generate_series(1, %(each)s - 8 + (c.id * 7919) %% 17) AS k
    WHERE c.id > 1000000
) AS said ORDER BY at;
"""
# What was sent before parts were counted has none.
SENDS = """
INSERT INTO conversations_send (id, message_id, number, channel, sender_id, address_id, state,
    provider_id, failure, error_code, error_text, error_permanent, parts, by_fallback, created_at,
    sent_at, delivered_at)
SELECT gen_random_uuid(), id, 1, channel, sender_id, address_id,
    CASE WHEN chance < 0.04 THEN 'failed' WHEN chance < 0.05 THEN 'unconfirmed'
        WHEN chance < 0.12 THEN 'sent' WHEN channel = 'sms' OR chance < 0.5 THEN 'delivered'
        ELSE 'read' END,
    gen_random_uuid()::text,
    CASE WHEN chance < 0.04 THEN (ARRAY['unreachable','opted-out','not-on-whatsapp','bad-number',
        'expired','blocked','no-credit','network'])[1 + (random() * random() * 7)::int] ELSE '' END,
    '', '', chance < 0.02,
    CASE WHEN channel = 'sms' AND created_at > now() - interval '300 days'
        THEN 1 + length(text) / 153 ELSE 0 END,
    channel = 'whatsapp' AND chance BETWEEN 0.5 AND 0.503,
    created_at, created_at + interval '1 second', created_at + interval '3 seconds'
FROM (
    SELECT *, random() AS chance FROM conversations_message
    WHERE direction = 'out' AND conversation_id > 1000000
) AS ours ORDER BY created_at;
"""
EVENTS = """
DO $$ BEGIN FOR turn IN 0..{rounds} - 1 LOOP
    INSERT INTO conversations_auditevent (occurred_at, actor_kind, actor, action, subject_type,
        subject_id, issue_key, channel, address_hash, result, detail)
    SELECT now() - interval '365 days' * (1 - (turn * {each} + n) / {total}.0),
        kind,
        CASE kind WHEN 'agent' THEN 'agent-' || n % 25 + 1 WHEN 'admin' THEN 'ana' ELSE '' END,
        CASE kind WHEN 'agent' THEN (ARRAY['message.accepted','conversation.paused',
                'conversation.resumed'])[1 + (random() * random() * 2)::int]
            WHEN 'provider' THEN (ARRAY['message.delivered','message.read','message.failed'])
                [1 + (random() * random() * 2)::int]
            WHEN 'customer' THEN 'message.received'
            WHEN 'jira' THEN (ARRAY['request.opened','conversation.resolved',
                'conversation.reopened'])[1 + (random() * random() * 2)::int]
            ELSE (ARRAY['settings.changed','console.logged-in','transcript.opened'])
                [1 + (random() * 2)::int] END,
        CASE kind WHEN 'jira' THEN 'conversation' WHEN 'admin' THEN 'sendingsettings'
            ELSE 'message' END,
        CASE kind WHEN 'jira' THEN talk::text ELSE (turn * {each} + n)::text END,
        CASE kind WHEN 'admin' THEN '' ELSE 'SUP-' || 1000 + talk - 1000000 END,
        CASE WHEN kind IN ('admin', 'jira') THEN '' ELSE 'sms' END,
        CASE WHEN kind IN ('customer', 'agent') THEN repeat(md5(talk::text), 2) ELSE '' END,
        CASE WHEN kind = 'provider' AND random() < 0.05 THEN 'failed' ELSE '' END,
        '{{"version": 1}}'
    FROM (
        SELECT n, (ARRAY['agent','provider','customer','jira','provider','admin'])
            [CASE WHEN n % 50 = 0 THEN 6 ELSE 1 + n % 5 END] AS kind,
            1000000 + (turn * {each} + n) * {conversations}::bigint / {total} AS talk
        FROM generate_series(1, {each}) AS n
    ) AS happened;
    COMMIT;
END LOOP; END $$
"""


def fill(connection, *, messages=MILLION, conversations=CONVERSATIONS, events=MILLION):
    """Write a year of a site's life, in a minute or so; the connection is in the site's schema."""
    amounts = {"conversations": conversations, "each": round(messages / conversations)}
    connection.execute(QUICKLY)
    for statement in (*PEOPLE.split(";\n"), TALKS, MESSAGES, SENDS):
        if statement.strip():
            connection.execute(statement, amounts)
    each = round(events / AUDIT_ROUNDS)
    connection.execute(
        EVENTS.format(rounds=AUDIT_ROUNDS, each=each, total=events, conversations=conversations)
    )
    connection.execute("VACUUM ANALYZE")

/** The texts of the example workflow that partitionedSync.mts writes: SQL, the code of its message, and its notes. */

/** The rows of one partition: $1 is the number of partitions, $2 which one, from 0. */
export const QUERY = `SELECT c.customer_id, d.serial_no, d.device_id, d.product
FROM crm_customers c
LEFT JOIN crm_devices d ON d.customer_id = c.customer_id
WHERE c.active AND mod(abs(hashtext(c.customer_id)::bigint), $1) = $2
ORDER BY c.customer_id, d.id`;

/** The lines of a text without the tabs that they have in common. */
export function statementOf(text: string): string {
	return text.replaceAll(/^\t/gm, '').trim();
}

/** How long a run may take: 0 is no limit, and after a day nobody waits for it any more. Minutes. */
const LONGEST = '(CASE WHEN $3 > 0 THEN $3 ELSE 1440 END)';

/** A run that began so long ago sends nothing any more: it stops at 'Longest Run (Minutes)', and has read its rows before. */
const IS_RUNNING = `begun_at > coalesce(reported_at, '-infinity')
	AND begun_at > now() - (${LONGEST} + 10) * interval '1 minute'`;

export const SQL = {
	/** $1 partitions, $2 approvedPartitions, $3 longestRunMinutes. Gives a row for each partition, or one of part 0. */
	beginRound: `
	CREATE TABLE IF NOT EXISTS sync_partitions (
		part int PRIMARY KEY, partitions int NOT NULL, every_customer boolean NOT NULL DEFAULT true,
		started_at timestamptz, begun_at timestamptz, reported_at timestamptz,
		health text, customers int, requests int, duration_ms int, summary text, summary_zh text, failure text,
		has_news boolean NOT NULL DEFAULT false, is_silent boolean NOT NULL DEFAULT false, asked_for int
	);
	-- Another number of partitions, once it is approved and none of the old ones runs: each begins anew.
	DELETE FROM sync_partitions WHERE partitions <> $1 AND $1 = $2
		AND NOT EXISTS (SELECT FROM sync_partitions WHERE ${IS_RUNNING.replaceAll('\n\t', '\n\t\t\t')});
	INSERT INTO sync_partitions (part, partitions) SELECT part, $1 FROM generate_series(1, $1) part
		WHERE $1 = $2 AND NOT EXISTS (SELECT FROM sync_partitions);
	WITH before AS (
		-- It may run as long as its time allows.
		SELECT *, is_due AND started_at > now() - ${LONGEST} * interval '1 minute' AS running,
			is_due AND started_at <= now() - ${LONGEST} * interval '1 minute' AS silent
		FROM sync_partitions, LATERAL (
			SELECT started_at IS NOT NULL AND coalesce(reported_at, '-infinity') < started_at AS is_due
		) due FOR UPDATE OF sync_partitions
	), after AS (
		UPDATE sync_partitions SET has_news = false, is_silent = CASE WHEN running THEN before.is_silent ELSE silent END,
			started_at = CASE WHEN running THEN before.started_at ELSE now() END
		FROM before WHERE sync_partitions.part = before.part AND sync_partitions.partitions = $1
	), asked AS (
		UPDATE sync_partitions SET asked_for = $1 WHERE partitions <> $1
	)
	SELECT part, CASE WHEN started_at IS NULL THEN 'new' WHEN running THEN 'running' WHEN silent THEN 'silent' ELSE health END AS state,
		has_news OR silent <> is_silent AND NOT running OR silent AND started_at::date < now()::date AS has_news,
		coalesce(begun_at >= started_at, false) AS has_begun, to_char(started_at, 'YYYY-MM-DD HH24:MI') AS started,
		summary, summary_zh, failure, partitions AS known, customers
	FROM before WHERE partitions = $1
	UNION ALL
	SELECT 0, CASE WHEN $1 = $2 THEN 'waits' ELSE 'asks' END, $1 = $2 OR max(asked_for) IS DISTINCT FROM $1,
		false, NULL, NULL, NULL, NULL, max(partitions), sum(customers)::int
	FROM before HAVING count(*) FILTER (WHERE partitions = $1) = 0
	ORDER BY part`,

	/** $1 part, $2 partitions. Gives a row without a part where it belongs to another number of partitions. */
	beginPartition: `
	UPDATE sync_partitions SET begun_at = now() WHERE part = $1 AND partitions = $2
	RETURNING part, partitions, every_customer`,

	/** $1 the report, $2 part, $3 partitions, $4 the first failure. A run beside another one leaves the report to that one. */
	storeReport: `
	UPDATE sync_partitions SET
		reported_at = now(), health = report->>'Health', customers = (report->>'Customers')::int, failure = $4,
		requests = (report->>'Requests')::int, duration_ms = (report->>'DurationMs')::int,
		-- After another number of partitions, those that are gone are in another partition.
		summary = CASE WHEN every_customer
			THEN regexp_replace(report->>'Summary', '; \\d+ customers? (is|are) no longer in the rows; Tencent keeps (its|their) devices', '') ELSE report->>'Summary' END,
		summary_zh = CASE WHEN every_customer
			THEN regexp_replace(report->>'SummaryZh', '；\\d+ 个客户已不在数据中，其设备在腾讯侧仍然保留', '') ELSE report->>'SummaryZh' END,
		has_news = has_news OR (report->>'HealthChanged')::boolean
			OR NOT every_customer AND coalesce((report->>'Gone')::int, 0) > 0,
		-- What was not accepted of them is left to the next run.
		every_customer = every_customer AND (report->>'Requests')::int = 0
	FROM (SELECT $1::json AS report) run
	WHERE part = $2 AND partitions = $3
		AND coalesce(report->'Failures'->0->>'code', '') NOT IN ('ALREADY_RUNNING', 'TAKEN_OVER')`,
};

/** Of the Code node Sum Up. */
export const codeOfSummary = `// One message about all partitions: a sentence with their states, then those that are not ok or have news.
const { partitions, requestsPerSecond, nameCustomers } = $('Settings').first().json;
// n8n keeps the executions that fail.
const where = (isFailing) => \`工作流 / Workflow: \${$workflow.name}, 执行 / execution \${$execution.id}: \${$execution.resumeUrl.split('/webhook-waiting')[0]}/workflow/\${$workflow.id}\${isFailing ? \`/executions/\${$execution.id}\` : ''}\`;
const rows = $('Begin Round').all().map(({ json }) => json);
const ask = ({ known, customers, has_news: hasNews, state }) => {
	const hours = requestsPerSecond > 0 ? (customers / requestsPerSecond / 3600).toFixed(1) : 0;
	const zh = \`分区数由 \${known} 改为 \${partitions}，本轮未启动任何分区，也未推送任何客户。每个客户将重新推送一次：约 \${customers ?? 0} 个请求，约 \${hours} 小时。确认请在 Settings 中把 approvedPartitions 也设为 \${partitions}，否则把 partitions 改回 \${known}。\`;
	const en = \`The number of partitions was changed from \${known} to \${partitions}. No partition was started, nothing was sent. Each customer would be pushed once more: about \${customers ?? 0} requests, \${hours} hours. To approve, set approvedPartitions in Settings to \${partitions}, too; otherwise set partitions back to \${known}.\`;
	const isAsked = state === 'asks';
	const first = \`Settings 中的 partitions 与 approvedPartitions 不是同一个数，本轮未启动任何分区，也未推送任何客户。请把两者设为同一个数。\\npartitions and approvedPartitions in Settings are not the same number. No partition was started, nothing was sent. Enter the same number in both.\`;
	const text = known ? \`\${zh}\\n\${en}\` : first;
	const waits = \`原有分区仍在运行，或运行途中被终止：各分区报告之后，或 Longest Run (Minutes) 再过十分钟之后，新的分区数才会生效。\\nPartitions of the former number are still running or were killed: the new number begins when each has reported, or ten minutes after its Longest Run (Minutes).\`;
	return { text: \`\${isAsked ? text : waits}\\n\${where(isAsked)}\`, hasNews, isFailing: isAsked };
};
if (rows[0].part === 0) return [{ json: ask(rows[0]) }];

const NAMES = { notStarted: ['not started', '未能启动'], silent: ['silent', '未报告'], failing: ['failing', '失败'], degraded: ['degraded', '部分异常'], running: ['running', '运行中'], ok: ['ok', '正常'], new: ['new', '首次运行'] };
const errors = $input.all().map(({ json }) => json.error && String(json.error.message ?? json.error));
const all = rows.map((row, index) => (errors[index] ? { ...row, state: 'notStarted', has_news: row.has_news || row.state !== 'silent', error: errors[index] } : row));
const states = Object.entries(NAMES).map(([state, names]) => [all.filter((row) => row.state === state).length, names]).filter(([count]) => count > 0);
const worstFirst = Object.keys(NAMES).flatMap((state) => all.filter((row) => row.state === state));
const told = worstFirst.filter(({ state, has_news: hasNews }) => hasNews || !['running', 'ok', 'new'].includes(state));
const describe = ({ part, state, error, started, has_begun: hasBegun, summary, summary_zh: summaryZh, failure }) => {
	if (state === 'notStarted') return \`分区 \${part}：n8n 未能启动。请检查 Settings 的 n8nUrl，以及工作流是否已发布。\\nPartition \${part}: n8n did not start it. Check n8nUrl in Settings, and whether the workflow is published: \${error.slice(0, 150)}\`;
	if (state !== 'silent' && !nameCustomers) return \`分区 \${part}：\${NAMES[state][1]}，详情见表 sync_partitions。\\nPartition \${part}: \${NAMES[state][0]}, see the table sync_partitions.\`;
	if (state !== 'silent') return [\`分区 \${part}：\${summaryZh}\`, \`Partition \${part}: \${summary}\`, failure].filter(Boolean).join('\\n');
	return [
		\`分区 \${part}：\${started} 启动后没有报告，\${hasBegun ? '可能仍在运行，也可能执行失败（例如查询有误）或 worker 已停止' : 'n8n 尚未执行'}。\`,
		\`Partition \${part}: no report since it was started at \${started}. \${hasBegun ? 'It is still running, or it failed (e.g. its query), or its worker was stopped' : 'No worker has taken it'}: see the executions in n8n.\`,
	].join('\\n');
};
const isFailing = all.some(({ state }) => ['notStarted', 'silent', 'failing'].includes(state));
const text = [
	\`Sync（\${partitions} 个分区）：\${states.map(([count, [, zh]]) => \`\${count} 个\${zh}\`).join('，')}。\`,
	\`Sync in \${partitions} partitions: \${states.map(([count, [en]]) => \`\${count} \${en}\`).join(', ')}.\`,
	...told.slice(0, 2).map(describe),
	...(told.length > 2 ? [\`另有 \${told.length - 2} 个分区。\${told.length - 2} others.\`] : []),
	where(isFailing),
].join('\\n');
return [{ json: { text, hasNews: all.some(({ has_news: hasNews }) => hasNews), isFailing } }];`;

export interface Note {
	name: string;
	place: [x: number, y: number];
	size: [width: number, height: number];
	content: string;
}

/** @param syncNodes how many partitions the workflow can have */
export function notes(syncNodes: number): Note[] {
	return [
		{
			name: 'About this workflow',
			place: [-40, -560],
			size: [620, 500],
			content: `## A CRM that is too large for one run\nThe schedule starts one execution for each partition, by this workflow's own webhook, so that any worker of queue mode takes it. Each reads its part of the customers only, and has a Sync node, and so a sync state, of its own. No execution holds all rows.\n\n**The one rule: all rows of a customer are in the same partition, and each run reads all customers of its partition.**\n\n1. Credentials *CRM database*, *Webhook key* (Header Auth: any name and a long value) and *Tencent Cloud IoT account*.\n2. **Settings**: your query, the address at which the workers reach n8n, and the number of partitions, twice.\n3. In **Settings**, too: the address of your group robot. With \`nameCustomers\` messages name customers: turn it off where their ids are phone numbers.\n4. Publish it. The first round starts within the hour, or with *Execute workflow* from **Every Hour**.`,
		},
		{
			name: 'The number of partitions',
			place: [620, -560],
			size: [680, 400],
			content: `### The number of partitions\nIs *partitions* in **Settings**, with *approvedPartitions* as the same number. At most about 100,000 rows each are good; up to ${syncNodes} can be used here. *Requests per Second* are divided by it.\n\n**Another number costs each customer one push**, because nearly all of them get another Sync node. So it needs a second entry: as long as *approvedPartitions* is not the same, nothing is started, and a message says what it would cost. Once it is the same, the next round pushes every customer, without the safety checks, as soon as no run of the old partitions is under way.`,
		},
		{
			name: 'About the message',
			place: [1340, -560],
			size: [700, 460],
			content: `### One message for all partitions\nEach round first looks at the one before, in the table \`sync_partitions\` of the CRM database: a partition that did not report, one that is not well, customers that left. One message says what is new: the states of all, two partitions in full, and how many others. The texts of all are in that table. A safety check stops one partition, and the others go on: correct the query, or, where the change is meant, set *Approved Plan* of its Sync node to the plan ID of the message and publish. While one is failing or silent the round ends red by **Stop Red**: choose an *Error Workflow* in the workflow's settings.\n\nPaste the address of your WeCom (企业微信) group robot into **Settings**; for Feishu (飞书) the JSON in **Send Message** is \`{ "msg_type": "text", "content": { "text": {{ JSON.stringify($json.text) }} } }\`.\n\n**Silence is an alarm:** paste the address of a heartbeat monitor into **Heartbeat** and enable the node. Other sources: *docs/sync.md*.`,
		},
	];
}

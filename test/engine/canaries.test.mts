import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { accountKey, type Account } from '../../nodes/TencentCloudIot/service/signing/signature';
import { signatureOf } from '../../simulator/verifySignature.mts';
import { HASH_BYTES, StateHashes } from '../../nodes/TencentCloudIot/sync/state/hashes';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { dataTablesBeside, type NodeResult } from '../../embedded/embeddedEngine.mts';
import { runOperation } from './operationRun.mts';
import { row, runPush } from './pushRun.mts';
import { syncTimeline } from './syncTimeline.mts';

/** The phone numbers of a thousand customers, in a range small enough to try every number. */
const RANGE = { first: 13_800_000_000, size: 5000 };
const PHONES = Array.from({ length: 1000 }, (_, index) => String(RANGE.first + 5 * index + (index % 5)));

/** The customers' phone numbers in a text. */
function phonesIn(text: string): string[] {
	const isOfCustomer = new Set(PHONES);
	const ofRange = Array.from(text.matchAll(/(?=(1380000\d{4}))/g), ([, phone = '']) => phone);
	return ofRange.filter((phone) => isOfCustomer.has(phone));
}

const rowsOf = (phones: readonly string[]) => phones.map((phone) => row(phone, Number(phone)));

/** All hashes of a customer that a state may contain, as bytes in base64url. */
function hashesOf(account: Account): (phone: string) => string[] {
	const hashes = new StateHashes(account);
	return (phone) => {
		const { DeviceId, CustomerDeviceNo, ProductName } = row(phone, Number(phone)) as Record<string, string>;
		const device = { DeviceId: DeviceId!, CustomerDeviceNo: CustomerDeviceNo!, ProductName: ProductName! };
		return [hashes.customerHash(phone), hashes.fingerprint(phone, [device]), hashes.deviceHash(phone)];
	};
}

/** Hashes made from the endpoint and App Key alone, without the App Secret. */
function unkeyedHashesOf({ endpoint, appKey }: Account): (phone: string) => string[] {
	const sha256 = (text: string) =>
		createHash('sha256').update(text).digest().subarray(0, 8).toString('base64url');
	const account = sha256(`${endpoint.href} ${appKey}`);
	return (phone) =>
		[account, appKey, endpoint.href, ''].flatMap((owner) =>
			['customer', 'devices'].map((kind) => sha256(JSON.stringify([owner, kind, phone]))),
		);
}

/** All substrings of this length. Searching megabytes of text for each of 100,000 hashes would take seconds. */
function partsOf(text: string, length: number): ReadonlySet<string> {
	return new Set(Array.from({ length: text.length }, (_, start) => text.slice(start, start + length)));
}

/** The numbers of the range that an attacker finds in a hex dump of the state by trying them all. */
function phonesFoundIn(dump: string, hashers: ReadonlyArray<(phone: string) => string[]>): string[] {
	const phones = Array.from({ length: RANGE.size }, (_, index) => String(RANGE.first + index));
	const dumped = partsOf(dump, 2 * HASH_BYTES);
	return phones.filter((phone) =>
		hashers.some((hashes) =>
			hashes(phone).some((hash) => dumped.has(Buffer.from(hash, 'base64url').toString('hex'))),
		),
	);
}

test('Without the App Secret nobody can find the phone numbers of customers in a sync state; with it, all are found.', async () => {
	const { sync, simulator, processedData } = await syncTimeline();
	const withheld = PHONES.slice(0, 20).map((phone) => row(phone, 'no id of a device'));
	const { sent } = await sync([...rowsOf(PHONES.slice(20)), ...withheld], { requestsPerSecond: 0 });
	expect(sent).toHaveLength(980);
	const tables = dataTablesBeside(processedData);
	const rows = [...tables.rowsOf('tencent_iot_sync'), ...tables.rowsOf('tencent_iot_state')];
	expect(phonesIn(JSON.stringify(rows))).toEqual([]);
	const dump = rows.map(({ content }) => Buffer.from(String(content), 'base64').toString('hex')).join(' ');
	const { appKey, appSecret } = simulator;
	const endpoint = new URL(simulator.endpoint);
	const account: Account = { endpoint, appKey, appSecret };
	// Anybody who sees an insurance page has this signature.
	const signature = signatureOf(`AppKey=${appKey}`, appSecret);
	const guesses = ['', appKey, endpoint.href, signature].map((guess) =>
		hashesOf({ endpoint, appKey, appSecret: guess }),
	);
	expect(phonesFoundIn(dump, [...guesses, unkeyedHashesOf(account)])).toEqual([]);
	expect(phonesFoundIn(dump, [hashesOf(account)])).toEqual(PHONES);
});

/** What n8n's redaction keeps of a run, and n8n's log. */
function unredacted({ hints, logs, saved: { data } }: NodeResult): string {
	return JSON.stringify([hints, logs, data.executionData?.contextData, data.resultData.metadata]);
}

/** The length of a digest in the data of an execution. */
const DIGEST_LENGTH = 11;

/** The numbers of the range whose digest with one of these prefixes is in a text. */
function digested(text: string, prefixes: readonly string[]): string[] {
	const sha256 = (input: string) =>
		createHash('sha256').update(input).digest('base64url').slice(0, DIGEST_LENGTH);
	const shown = partsOf(text, DIGEST_LENGTH);
	const isIn = (phone: string) => prefixes.some((prefix) => shown.has(sha256(`${prefix}${phone}`)));
	return Array.from({ length: RANGE.size }, (_, index) => String(RANGE.first + index)).filter(isIn);
}

test('Neither the hints nor the execution data contain phone numbers of customers, whatever happens.', async () => {
	const refused = { kind: 'error', Code: 'LimitExceeded', Message: `${PHONES[3]} is busy` } as const;
	let isRefusing = false;
	const { sync, simulator } = await syncTimeline({ faults: () => (isRefusing ? refused : undefined) });
	const rows = rowsOf(PHONES);
	const withheld = PHONES.slice(0, 5).map((phone) => row(phone, 'no id of a device'));
	const thrown = `={{ (() => { throw new Error('${PHONES[7]}') })() }}`;
	const runs: NodeResult[] = [
		await sync(rows),
		await sync([...rows.slice(5), ...withheld]),
		await sync(rows.slice(0, 30)),
		await sync(rows.slice(0, 30), { dryRun: true }),
		// In a table without a header, the first row is taken for the column names.
		await sync(
			rowsOf(PHONES).map((wholeRow) => ({ [PHONES[0]!]: wholeRow.CustomerId, DeviceId: wholeRow.DeviceId })),
		),
		await sync(rows, { concurrency: thrown }),
	];
	isRefusing = true;
	runs.push(
		await sync(rowsOf(PHONES.slice(0, 990)).map((wholeRow) => ({ ...wholeRow, ProductName: 'Lamp' }))),
	);
	for (const operation of ['deviceBinding.push', 'order.create']) {
		isRefusing = operation === 'deviceBinding.push';
		const service = await runSimulator({ faults: () => (isRefusing ? refused : undefined) });
		const retried = {
			retryOnFail: { maxTries: 2, waitBetweenTries: 0 },
			onError: 'continueErrorOutput',
		} as const;
		runs.push(
			await runOperation(service, {
				operation,
				rows: rows.slice(0, 9),
				parameters: {
					columns: { mappingMode: 'autoMapInputData', value: null },
					customerId: { __rl: true, mode: 'id', value: '={{ $json.CustomerId }}' },
					orderNo: '={{ $json.CustomerId }}',
				},
				...retried,
			}),
		);
	}
	for (const { hints } of runs) {
		expect(hints).not.toEqual([]);
	}
	expect(runs.map(unredacted).flatMap(phonesIn)).toEqual([]);
	const { appKey, appSecret } = simulator;
	const endpoint = new URL(simulator.endpoint);
	const kept = unredacted(runs[0]!);
	const guesses = [
		'',
		accountKey({ endpoint, appKey, appSecret: '' }),
		signatureOf(`AppKey=${appKey}`, appSecret),
	];
	expect(
		digested(
			kept,
			[...guesses, appKey, endpoint.href].flatMap((guess) => [guess, `${guess} `]),
		),
	).toEqual([]);
	expect(digested(kept, [`${accountKey({ endpoint, appKey, appSecret })} `])).toEqual(PHONES);
	// Only the items contain them, and redaction empties the items.
	expect(phonesIn(JSON.stringify(runs.map(({ error }) => error)))).not.toEqual([]);
});

test("The error that stops a workflow names a customer in the execution but not in n8n's log.", async () => {
	const refused = { kind: 'error', Code: 'LimitExceeded', Message: `${PHONES[3]} is busy` } as const;
	const simulator = await runSimulator({ faults: () => refused });
	const runs = [rowsOf(PHONES.slice(0, 3)), [row(PHONES[0]!, 'no id of a device')]].map(
		async (rows) => await runPush(rows, simulator, { onError: 'stopWorkflow' }),
	);
	for (const { failure, logs } of await Promise.all(runs)) {
		expect(phonesIn(JSON.stringify(failure))).not.toEqual([]);
		const shown = logs.filter(({ level }) => level !== 'debug');
		expect(shown).toMatchObject([
			{ level: 'error', message: expect.stringMatching(/^NodeOperationError\n/) },
		]);
		expect(phonesIn(JSON.stringify(shown))).toEqual([]);
	}
});

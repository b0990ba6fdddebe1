import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { hmacSha1 } from '../../nodes/TencentCloudIot/service/signing/signature';
import { StateEntries, type Account } from '../../nodes/TencentCloudIot/sync/state/entries';
import { BASELINE_COPIES, BaselineEntries } from '../../nodes/TencentCloudIot/sync/state/baseline';
import { hashOf } from '../sync/state/rows.mts';
import { row } from './pushRun.mts';
import { syncTimeline } from './syncTimeline.mts';

/** The phone numbers of a thousand customers, in a range that is tried as a whole. */
const RANGE = { first: 13_800_000_000, size: 5000 };
const PHONES = Array.from({ length: 1000 }, (_, index) => String(RANGE.first + 5 * index + (index % 5)));

const rowsOf = (phones: readonly string[]) => phones.map((phone) => row(phone, Number(phone)));

/** All entries of a customer that may stand in a state, with its devices known. */
function entriesOf(account: Account): (phone: string) => string[] {
	const entries = new StateEntries(account);
	const copies = Array.from({ length: BASELINE_COPIES }, (_, at) => new BaselineEntries(at, entries.account));
	return (phone) => {
		const { DeviceId, CustomerDeviceNo, ProductName } = row(phone, Number(phone)) as Record<string, string>;
		const device = { DeviceId: DeviceId!, CustomerDeviceNo: CustomerDeviceNo!, ProductName: ProductName! };
		const fingerprint = entries.fingerprint(phone, [device]);
		const known = entries.known(phone);
		const standings = [known, entries.waiting(phone), entries.failed(phone), fingerprint];
		return [...standings, ...copies.flatMap((copy) => [copy.accepted(fingerprint), copy.unknown(known)])];
	};
}

/** The same of an account by its endpoint and App Key alone. */
function unkeyedEntriesOf({ endpoint, appKey }: Account): (phone: string) => string[] {
	const sha256 = (text: string) => createHash('sha256').update(text).digest('base64url');
	const account = sha256(`${endpoint} ${appKey}`);
	return (phone) =>
		[account, appKey, endpoint, ''].flatMap((owner) =>
			['known', 'waiting', 'failed'].map((kind) => sha256(JSON.stringify(['3', kind, owner, phone]))),
		);
}

/** Which numbers of the range somebody finds in a dump of the state who tries all. */
function found(dump: ReadonlySet<string>, attempts: ReadonlyArray<(phone: string) => string[]>): string[] {
	return Array.from({ length: RANGE.size }, (_, index) => String(RANGE.first + index)).filter((phone) =>
		attempts.some((entries) => entries(phone).some((entry) => dump.has(hashOf(entry)))),
	);
}

test('Nobody finds the phone numbers of customers in a sync state without the App Secret, and with it finds each.', async () => {
	const { sync, simulator, processedData } = await syncTimeline();
	const withheld = PHONES.slice(0, 20).map((phone) => row(phone, 'no id of a device'));
	const { sent } = await sync([...rowsOf(PHONES.slice(20)), ...withheld], { requestsPerSecond: 0 });
	expect(sent).toHaveLength(980);
	const { data } = (await processedData.find('workflow n:node'))!;
	const dump = new Set(data);
	const { endpoint, appKey, appSecret } = simulator;
	const account: Account = { endpoint, appKey, appSecret };
	// What anybody has who gets to see a page of the insurance.
	const signature = hmacSha1(`AppKey=${appKey}`, appSecret);
	const guesses = ['', appKey, endpoint, signature].map((guess) =>
		entriesOf({ endpoint, appKey, appSecret: guess }),
	);
	expect(found(dump, [...guesses, unkeyedEntriesOf(account)])).toEqual([]);
	expect(found(dump, [entriesOf(account)])).toEqual(PHONES);
});

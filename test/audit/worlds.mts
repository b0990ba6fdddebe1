import type { Requests } from '../../nodes/TencentCloudIot/service/delivery/conduct';
import { expect } from '@jest/globals';
import type { IDataObject } from 'n8n-workflow';
import type { AuditResult } from '../../nodes/TencentCloudIot/audit/audit';
import { RowReader } from '../../nodes/TencentCloudIot/binding/rowReader';
import { auditOperation } from '../../nodes/TencentCloudIot/resources/deviceBinding/audit.operation';
import type { RequestFailure } from '../../nodes/TencentCloudIot/service/outcome';
import type { Parameters } from '../../nodes/TencentCloudIot/service/signing/signature';
import { Dice, seedFor } from '../invariants/dice.mts';
import { ofCustomer, ofDevice, ofOrder, pageOf, REFUSED, type Entry, type World } from './standIn.mts';
import { reasonOf } from '../support/failures.mts';

const PHONE = '13800138000';
const LISTS = ['Customers', 'Orders', 'Devices'];
const KINDS = [
	'DEVICE_UNKNOWN',
	'PRODUCT_NOT_READABLE',
	'DEVICE_NEVER_ONLINE',
	'DEVICE_UNOWNED',
	'CUSTOMER_UNKNOWN',
	'CUSTOMER_GONE',
	'PHONE_DIFFERS',
	'CUSTOMER_WITHOUT_ORDER',
	'ORDER_WITHOUT_DEVICES',
	'LIST_INCOMPLETE',
] as const;

type Kind = (typeof KINDS)[number];

/** A row with one of these findings is unknown to Tencent, or the lists cannot show whether it is. */
const UNKNOWN: readonly string[] = [
	'DEVICE_UNKNOWN',
	'PRODUCT_NOT_READABLE',
	'CUSTOMER_UNKNOWN',
	'LIST_INCOMPLETE',
];

/** How reading a list fails. */
interface Fails {
	/** Pages from this Offset on fail. */
	from: number;
	failure: RequestFailure;
}

/** A random world: rows, Tencent's lists, which of them can be read, and the chosen lists. */
class RandomWorld implements World {
	readonly customers: Entry[] = [];
	readonly orders: Entry[] = [];
	readonly products = new Map<string, Entry[]>();
	readonly rows: Array<{ customer: string; device: string; name: string; phone: string }> = [];
	readonly leftOut: string[] = [];
	readonly compare: string[];
	readonly fails = new Map<string, Fails>();

	constructor(dice: Dice) {
		const size = dice.pick([1, 4, 30, 100, 130]);
		// The chances that a row cannot be used, that Tencent lacks an entry, and of all other differences.
		const bad = dice.pick([0, 0, 0.2, 1]);
		const missing = dice.pick([0, 0.1]);
		const different = dice.pick([0, 0.1]);
		const nameOf = (index: number) => `${(dice.next() * 2 ** 50).toString(36).slice(0, 9)}x${index}`;
		const listed = (product: string) =>
			this.products.get(product) ?? this.products.set(product, []).get(product)!;
		for (let index = 0; index < size; index++) {
			const customer = `c${index}`;
			if (!dice.happens(missing)) {
				this.customers.push(ofCustomer(customer, PHONE));
			}
			if (!dice.happens(missing)) {
				this.orders.push(ofOrder(customer, `O${index}`));
			}
			if (dice.happens(different)) {
				this.leftOut.push(customer);
			} else if (!dice.happens(different)) {
				for (let number = dice.integer(1, 3); number > 0; number--) {
					const product = dice.pick(['P', 'Q', 'R']);
					const name = nameOf(index * 3 + number);
					const phone = dice.pick(['', PHONE, PHONE, dice.happens(different) ? '13999999999' : PHONE]);
					const id = dice.happens(bad / 10) ? 'N/A' : customer;
					const device = id === 'N/A' && dice.happens(0.3) ? '' : `${product}/${name}`;
					const productName = dice.happens(bad) ? '' : 'Lock';
					this.rows.push({ customer: id, device, phone, name: productName });
					if (!dice.happens(missing)) {
						listed(product).push(ofDevice(name, dice.happens(different) ? 3 : 1));
					}
				}
			}
			if (dice.happens(different)) {
				listed('P').push(ofDevice(nameOf(-index)));
			}
		}
		this.compare = LISTS.filter(() => dice.happens(0.8));
		const denied: RequestFailure = {
			...REFUSED,
			code: 'UnauthorizedOperation',
			reason: reasonOf('No permission.'),
		};
		const down: RequestFailure = { ...REFUSED, outcome: 'UNKNOWN', retry: 'transient', isFromService: false };
		for (const list of ['Customers', 'Orders', 'P', 'Q', 'R']) {
			if (dice.happens(dice.pick([0, 0.2, 1]))) {
				this.fails.set(list, { from: dice.pick([0, 0, 99]), failure: dice.pick([denied, down]) });
			}
		}
	}

	/** The page of a request, or why it cannot be read. */
	respond(page: Parameters): Entry | RequestFailure {
		const fails = this.fails.get(String(page.ProductId ?? String(page.Action).slice(10, -4) + 's'));
		if (fails !== undefined && Number(page.Offset) >= fails.from) {
			return fails.failure;
		}
		return pageOf(this, page) ?? REFUSED;
	}
}

const without = (ids: ReadonlySet<string>, excluded: ReadonlySet<string>) =>
	new Set([...ids].filter((id) => !excluded.has(id)));

/** The expected report of an audit, computed with sets and without code of the node. */
function expected(world: RandomWorld) {
	const found = new Map<string, Set<string>>(KINDS.map((kind) => [kind, new Set()]));
	/** All rows of a customer are withheld if a single one has no product name. */
	const withheld = new Set(world.rows.filter(({ name }) => name === '').map(({ customer }) => customer));
	const isUsed = ({ customer, name }: (typeof world.rows)[number]) =>
		customer !== 'N/A' && name !== '' && !withheld.has(customer);
	const used = world.rows.filter(isUsed);
	const customers = new Set([...used.map(({ customer }) => customer), ...world.leftOut]);
	const named = new Set([...world.rows.map(({ customer }) => customer), ...world.leftOut]);
	const devices = new Set(world.rows.map(({ device }) => device));
	const read: string[] = [];
	const notRead: string[] = [];
	let answered = 0;
	let failed = 0;
	/** Whether a list is chosen and can be read to its end. */
	const reads = (list: string, entries: readonly Entry[]): boolean => {
		const fails = world.fails.get(list);
		const isDevices = !LISTS.includes(list);
		// A full page is followed by another one.
		const doesFail = fails !== undefined && (fails.from === 0 || entries.length >= 100);
		if (doesFail && fails.from === 0) {
			failed++;
		} else {
			answered++;
		}
		const name = isDevices ? `Devices ${list}` : list;
		const isRead = !doesFail && (!isDevices || entries.length > 0);
		(isRead ? read : notRead).push(name);
		const isOfProduct = isDevices && (!doesFail || fails.failure.outcome === 'REFUSED');
		if (!isRead) {
			found.get(isOfProduct ? 'PRODUCT_NOT_READABLE' : 'LIST_INCOMPLETE')!.add(isOfProduct ? list : name);
		}
		return isRead;
	};
	const add = (kind: string, ids: Iterable<string>) => [...ids].forEach((id) => found.get(kind)!.add(id));
	let phones = 0;
	const atTencent = new Set(world.customers.map(({ CustomerId }) => String(CustomerId)));
	const isCustomersRead = world.compare.includes('Customers') && reads('Customers', world.customers);
	if (isCustomersRead) {
		add('CUSTOMER_GONE', without(atTencent, named));
		add('CUSTOMER_UNKNOWN', without(customers, atTencent));
		const compared = used.filter(({ customer, phone }) => phone !== '' && atTencent.has(customer));
		phones = compared.length;
		add(
			'PHONE_DIFFERS',
			compared.filter(({ phone }) => phone !== PHONE).map(({ customer }) => customer),
		);
	}
	if (world.compare.includes('Orders') && reads('Orders', world.orders)) {
		const owners = new Set(world.orders.map(({ CustomerId }) => String(CustomerId)));
		add('CUSTOMER_WITHOUT_ORDER', without(without(customers, owners), found.get('CUSTOMER_UNKNOWN')!));
		const hasDevice = new Set(world.rows.map(({ customer }) => customer));
		add(
			'ORDER_WITHOUT_DEVICES',
			[...without(owners, hasDevice)].map((id) => id.replace('c', 'O')),
		);
	}
	let comparedDevices = 0;
	for (const product of world.compare.includes('Devices')
		? new Set(used.map(({ device }) => device[0]!))
		: []) {
		const entries = world.products.get(product) ?? [];
		if (!world.products.has(product)) {
			world.fails.set(product, { from: 0, failure: REFUSED });
		}
		if (!reads(product, entries)) {
			continue;
		}
		const idOf = ({ DeviceName }: Entry) => `${product}/${String(DeviceName)}`;
		const inRows = new Set(used.map(({ device }) => device).filter((device) => device.startsWith(product)));
		comparedDevices += inRows.size;
		const listed = new Set(entries.map(idOf));
		add('DEVICE_UNKNOWN', without(inRows, listed));
		add('DEVICE_UNOWNED', without(listed, devices));
		add(
			'DEVICE_NEVER_ONLINE',
			entries
				.filter(({ Status }) => Status === 3)
				.map(idOf)
				.filter((id) => inRows.has(id)),
		);
	}
	const codesOf = ({
		customer,
		device,
		phone = '',
	}: {
		customer: string;
		device: string;
		phone?: string;
	}) => {
		const isOtherPhone = phone !== '' && phone !== PHONE;
		/** The id in a finding of each kind that concerns this row; empty for one that concerns no row. */
		const subjects: Record<Kind, string> = {
			DEVICE_UNKNOWN: device,
			PRODUCT_NOT_READABLE: device.slice(0, 1),
			DEVICE_NEVER_ONLINE: device,
			DEVICE_UNOWNED: '',
			CUSTOMER_UNKNOWN: customer,
			CUSTOMER_GONE: '',
			PHONE_DIFFERS: isOtherPhone ? customer : '',
			CUSTOMER_WITHOUT_ORDER: customer,
			ORDER_WITHOUT_DEVICES: customer.replace('c', 'O'),
			LIST_INCOMPLETE: `Devices ${device.slice(0, 1)}`,
		};
		return KINDS.filter((kind) => found.get(kind)!.has(subjects[kind]));
	};
	const isUnknown = (code: string) => UNKNOWN.includes(code);
	const ofCustomer = new Map<string, string[]>();
	for (const row of used) {
		const codes = ofCustomer.get(row.customer) ?? [];
		codes.push(...codesOf(row).filter(isUnknown));
		ofCustomer.set(row.customer, codes);
	}
	/** The codes of which a row gets one, and whether only because of another row of its customer. */
	const statusOf = (row: { customer: string; device: string; phone?: string }) => {
		const ofRow = codesOf(row);
		if (ofRow.some(isUnknown)) {
			return { codes: ofRow.filter(isUnknown), waits: false };
		}
		const ofOtherRows = ofCustomer.get(row.customer) ?? [];
		if (ofOtherRows.length > 0) {
			return { codes: ofOtherRows, waits: true };
		}
		if (found.get('LIST_INCOMPLETE')!.has('Customers')) {
			return { codes: ['LIST_INCOMPLETE'], waits: false };
		}
		const needed = row.device === '' ? ['Customers'] : ['Customers', 'Devices'];
		const isCompared = needed.every((list) => world.compare.includes(list));
		return { codes: [isCompared ? (ofRow.at(-1) ?? 'KNOWN') : 'LIST_NOT_CHOSEN'], waits: false };
	};
	const ofLeftOut = world.leftOut.map((customer) => statusOf({ customer, device: '' }));
	const statuses = [...world.rows.map((row) => (isUsed(row) ? statusOf(row) : undefined)), ...ofLeftOut];
	const isHidden = world.rows.some(({ customer }) => customer === 'N/A');
	const isNameless = world.rows.some(({ device }) => device === '');
	const products = new Set(used.map(({ device }) => `Devices ${device[0]}`));
	/** Lists of which nothing is certain, because a row has no CustomerId, or not even a device. */
	const uncertain: string[] = [];
	if (isHidden) {
		uncertain.push('Customers', 'Orders');
	}
	if (isHidden && isNameless) {
		uncertain.push('Devices');
	}
	const unused = world.rows.length - used.length;
	const notChosen = ['Customers', 'Devices', 'Orders'].filter((list) => !world.compare.includes(list));
	const counts = {
		Customers: isCustomersRead ? customers.size : 0,
		Devices: comparedDevices,
		PhoneNumbers: phones,
	};
	const CustomersByOrders = read.includes('Orders') ? customers.size : 0;
	named.delete('N/A');
	devices.delete('');
	const stays = new Set([...devices].map((id) => `Devices ${id[0]}`));
	return {
		found,
		statuses,
		stays: [...notChosen, ...notRead, ...uncertain, ...without(stays, products)].sort(),
		unusedIds: [...without(named, customers), ...without(devices, new Set(used.map(({ device }) => device)))],
		isUnsure: ({ Code, CustomerId }: IDataObject) =>
			Code === 'DEVICE_UNOWNED'
				? isNameless
				: isHidden && /GONE|ORDER_W/.test(String(Code)) && !named.has(String(CustomerId)),
		isFailed: answered === 0 && failed > 0,
		Complete: unused + notChosen.length + notRead.length === 0,
		Compared: { ...counts, CustomersByOrders },
		NotCompared: { UnusedRows: unused, ListsNotChosen: notChosen, ListsNotRead: notRead },
		read,
	};
}

/** Every number of a sentence, apart from those within names. */
function numbersIn(text: string): number[] {
	const bare = text.replace(/ \((?!not chosen)[^()]*\)|（(?!未选择)[^（）]*）/g, '');
	return (bare.match(/\d[\d,]*/g) ?? []).map((number) => Number(number.replaceAll(',', '')));
}

async function auditWorld(world: RandomWorld) {
	const options = {
		rowHandling: { rowsWithoutDevice: 'leaveOut' },
		compare: world.compare.map((list) => list.toLowerCase()),
		nameCustomers: true,
	} as never;
	const reader = new RowReader({
		phoneIds: 'refuse',
		unusualCustomerIds: 'refuse',
		severalDevices: 'refuse',
	} as never);
	const cells = [
		...world.rows.map(({ customer, device, name, phone }) => ({ of: [customer, 'SN', device, name], phone })),
		...world.leftOut.map((customer) => ({ of: [customer, '', '', ''], phone: '' })),
	];
	const FIELDS = ['CustomerId', 'CustomerDeviceNo', 'DeviceId', 'ProductName'];
	const inputs = cells.map(({ of, phone }, itemIndex) => ({
		itemIndex,
		// A sheet has a header row.
		rows: reader.read(
			itemIndex,
			(field) => of[FIELDS.indexOf(field)],
			() => new Map(itemIndex % 2 === 0 ? [['row_number', itemIndex + 2]] : []),
		),
		phone: phone || undefined,
	}));
	async function* batches() {
		yield inputs;
	}
	const { calls, withheld } = await auditOperation.toCalls(batches(), options);
	const [call] = calls;
	let requests = 0;
	const send = async (page: Parameters) => {
		const response = world.respond(page);
		const outcome = 'outcome' in response ? response : { outcome: 'OK', data: response, requestId: 'r' };
		const requestId = `r${requests}`;
		requests++;
		return { kind: 'answered', outcome, requestIds: [requestId], parametersDigest: '' } as never;
	};
	const requestsOfRun = { send, concurrency: 3, isTimeOver: () => false } as unknown as Requests;
	const delivered = await call!.conduct!(requestsOfRun);
	const outcome =
		delivered.kind === 'answered' ? delivered.outcome : delivered.kind === 'notTried' && delivered.why;
	expect(delivered).toMatchObject({ pages: requests, requestIds: { length: requests } });
	if (outcome === false || outcome.outcome !== 'OK') {
		return undefined;
	}
	expect(outcome.requestId).toBe(requests === 0 ? undefined : `r${requests - 1}`);
	const result = { data: outcome.data, RequestId: '', Attempts: requests, timezone: '' };
	const outputsPer = (outputItemPer: string) =>
		auditOperation.toOutputs!(call!, result, { ...(options as object), outputItemPer } as never);
	const [report, ...lists] = outputsPer('run').map(({ json }) => json);
	const records = lists.flatMap(({ Records }) => JSON.parse(String(Records)) as IDataObject[]);
	const hint = auditOperation.countDone([call!], 1, 1, outcome.data);
	return {
		cells,
		rows: outputsPer('row'),
		items: outputsPer('request'),
		report: report as IDataObject,
		records,
		hint,
		withheld,
		result: outcome.data.audit as AuditResult,
	};
}

/** Checks each figure and each sentence of random worlds in both languages: every number must be that of the world. */
export async function checkWorlds(count: number): Promise<void> {
	let complete = 0;
	let failed = 0;
	let findings = 0;
	for (let seed = 0; seed < count; seed++) {
		const world = new RandomWorld(new Dice(seedFor(seed, 'worlds')));
		if (world.rows.length + world.leftOut.length === 0) {
			continue;
		}
		const { found, isFailed, read, statuses, stays, unusedIds, isUnsure, ...figures } = expected(world);
		const audited = await auditWorld(world);
		const context = `world ${seed}`;
		expect([context, audited === undefined]).toEqual([context, isFailed]);
		if (audited === undefined) {
			failed++;
			continue;
		}
		const { report, records, hint, cells, rows, items } = audited;
		expect([context, report]).toEqual([context, expect.objectContaining(figures)]);
		if (figures.Complete) {
			complete++;
		}
		const counted = report.Findings as Record<string, { Count: number; First: string[] }>;
		const kinds = [...found].filter(([, ids]) => ids.size > 0);
		for (const [kind, ids] of found) {
			const about = records
				.filter(({ Code }) => Code === kind)
				.map(({ Key }) => String(Key).split(' ').slice(1).join(' '));
			const wanted =
				kind === 'ORDER_WITHOUT_DEVICES' ? [...ids].map((id) => `${id.replace('O', 'c')} ${id}`) : [...ids];
			expect([context, kind, about.sort()]).toEqual([context, kind, wanted.sort()]);
			expect([context, kind, counted[kind]!.Count]).toEqual([context, kind, ids.size]);
			findings += ids.size;
		}
		const isUnused = ({ Code }: IDataObject) => Code === 'ROW_UNUSED';
		const ofUnused = records.filter(isUnused).map(({ CustomerId, DeviceId }) => CustomerId ?? DeviceId);
		expect([context, ofUnused.sort()]).toEqual([context, unusedIds.sort()]);
		expect([context, (report.StaysOpen as string[]).sort()]).toEqual([context, stays]);
		const seen = records.filter((record) => !isUnused(record));
		expect([context, seen.map(({ Unsure }) => Unsure)]).toEqual([context, seen.map(isUnsure)]);
		const rowsOf = ({ Code, CustomerId, DeviceId, Rows }: IDataObject) => {
			if (/PHONE|ORDER_W|LIST|PRODUCT/.test(String(Code))) {
				return Rows;
			}
			const [column, id] = String(Code).startsWith('D') ? [2, DeviceId] : [0, CustomerId];
			return cells.flatMap(({ of }, index) => (of[column] === id ? index + (index % 2 === 0 ? 2 : 1) : []));
		};
		expect([context, seen.map(({ Rows }) => Rows)]).toEqual([context, seen.map(rowsOf)]);
		const codes = items.map(({ json }) => String(json.Code));
		const placeOf = (code: string) => KINDS.findIndex((kind) => kind === code);
		expect(codes).toEqual(codes.toSorted((a, b) => placeOf(a) - placeOf(b)));
		expect(codes.sort()).toEqual(seen.map(({ Code }) => Code).sort());
		const outputs = rows.map(({ json, itemIndexes: [row = -1] }) => {
			const { code = json.Status, message = json.Message, messageZh } = (json.error ?? {}) as IDataObject;
			const texts = [String(message), String(messageZh ?? json.MessageZh)];
			const says = texts.map((text) => /^(Because of another row|因为同一客户的另一行|$)/.exec(text)?.[0]);
			return { row, code: String(code), isError: 'error' in json, says };
		});
		const codeOf = new Map(outputs.map(({ row, code }) => [row, code]));
		const wanted = statuses.flatMap((status, row) => {
			const code = codeOf.get(row) ?? '';
			if (status === undefined) {
				return [];
			}
			const isError = UNKNOWN.includes(code) || code === 'LIST_NOT_CHOSEN';
			const says = status.waits
				? ['Because of another row', '因为同一客户的另一行']
				: Array(2).fill(code === 'KNOWN' ? '' : undefined);
			return { row, code: status.codes.includes(code) ? code : status.codes.join(), isError, says };
		});
		const isWaiting = outputs.map(({ says }) => says[0] === 'Because of another row');
		expect([context, isWaiting]).toEqual([context, isWaiting.toSorted()]);
		expect([context, outputs.sort((a, b) => a.row - b.row)]).toEqual([context, wanted]);
		expect((report.Lists as Array<{ List: string }>).map(({ List }) => List)).toEqual(read);
		const { Compared, NotCompared } = figures;
		const counts = [...kinds.map(([, ids]) => ids.size), ...Object.values(Compared), NotCompared.UnusedRows];
		const numbers = counts.filter((count) => count > 0);
		for (const text of [report.Summary, report.SummaryZh, hint]) {
			expect([context, numbersIn(String(text))]).toEqual([context, numbers]);
		}
		const isNothing = Object.values(Compared).every((count) => count === 0);
		expect([
			hint.includes('nothing was compared'),
			String(report.SummaryZh).includes('未核对任何内容'),
		]).toEqual([isNothing, isNothing]);
		for (const list of LISTS) {
			expect(hint.includes(`${list} (not chosen)`)).toBe(!world.compare.includes(list));
		}
		const isClean = kinds.length === 0 && figures.Complete;
		expect(/no differences;/.test(hint)).toBe(isClean);
	}
	expect(complete).toBeGreaterThan(5);
	expect(failed).toBeGreaterThan(5);
	expect(findings).toBeGreaterThan(1_000);
}

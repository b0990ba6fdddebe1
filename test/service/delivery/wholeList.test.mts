import { describe, expect, test } from '@jest/globals';
import { readWhole } from '../../../nodes/TencentCloudIot/service/delivery/wholeList';
import { HeapBudget } from '../../../nodes/TencentCloudIot/service/heapBudget';
import type { Outcome, RequestFailure } from '../../../nodes/TencentCloudIot/service/outcome';
import type { Parameters } from '../../../nodes/TencentCloudIot/service/signing/signature';
import { failureWith } from '../../support/failures.mts';

/** The memory that the lists of a run may take together, repeated here as the expected value. Bytes. */
const WHOLE_BUDGET = 96 * 1024 * 1024;

const LIST = {
	parameters: { Action: 'ServiceGetDeviceList', ProductId: 'P' },
	member: 'Devices',
	keys: ['DeviceName'],
	kept: ['Status'],
} as const;

const REFUSED = failureWith({ outcome: 'REFUSED', retry: 'never', isFromService: true });
const TOO_LARGE = failureWith({ code: 'LIST_TOO_LARGE' });

type Respond = (parameters: Parameters, request: number) => object | RequestFailure;

/** Pages of a hundred devices; `total` is the service's count. */
function pages(count: number, total = count): Respond {
	const devices = Array.from({ length: count }, (_, index) => ({ DeviceName: `d${index}`, Status: 1 }));
	return ({ Offset }) => {
		const start = Number(Offset);
		return { Devices: devices.slice(start, start + 100), Total: total };
	};
}

async function read(respond: Respond, missing: readonly string[], budget: HeapBudget) {
	let requests = 0;
	const send = async (parameters: Parameters): Promise<Outcome> => {
		const response = respond(parameters, requests);
		requests++;
		return await Promise.resolve(
			'outcome' in response
				? (response as RequestFailure)
				: { outcome: 'OK', data: response as Record<string, unknown>, requestId: undefined },
		);
	};
	const reading = { send, concurrency: 4, budget, tooLarge: TOO_LARGE };
	const result = await readWhole(LIST, new Set(missing), reading);
	return { ...result, requests };
}

/** The remaining bytes of a budget, found by trying. */
function leftOf(budget: HeapBudget): number {
	let low = 0;
	let high = 2 * WHOLE_BUDGET;
	while (low < high) {
		const middle = Math.ceil((low + high) / 2);
		if (budget.has(middle)) {
			low = middle;
		} else {
			high = middle - 1;
		}
	}
	return low;
}

describe('However often a list is read, it uses only the budget for the returned entries', () => {
	test.each<[what: string, respond: Respond, missing: string[], requests: number, isRead: boolean]>([
		['once', pages(250), [], 3, true],
		['twice, to confirm that something is missing', pages(250), ['x'], 6, true],
		['twice without being complete', pages(250, 251), [], 6, false],
		[
			'twice, and it is complete the second time',
			(page, request) => pages(250, request < 3 ? 251 : 250)(page, request),
			[],
			6,
			true,
		],
		[
			'three times: incomplete, complete, and once more to confirm',
			(page, request) => pages(250, request < 3 ? 251 : 250)(page, request),
			['x'],
			9,
			true,
		],
		[
			'up to its second page, which is refused',
			(page, request) => (request === 1 ? REFUSED : pages(250)(page, 0)),
			[],
			3,
			false,
		],
	])('%s', async (_, respond, missing, requests, isRead) => {
		const budget = new HeapBudget();
		const result = await read(respond, missing, budget);
		expect([result.requests, result.listed !== undefined]).toEqual([requests, isRead]);
		expect(result.bytes).toBeGreaterThan(0);
		expect(leftOf(budget)).toBe(WHOLE_BUDGET - result.bytes);
		budget.release(result.bytes);
		expect(leftOf(budget)).toBe(WHOLE_BUDGET);
	});

	test('A list that is too large is not kept, and the failure says so', async () => {
		const budget = new HeapBudget();
		const { listed, failure, bytes, requests } = await read(pages(150, 999_999), [], budget);
		expect([listed, failure?.code, requests]).toEqual([undefined, 'LIST_TOO_LARGE', 1]);
		budget.release(bytes);
		expect(leftOf(budget)).toBe(WHOLE_BUDGET);
	});
});

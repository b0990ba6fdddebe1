import assert from 'node:assert/strict';
import { eventually } from '../setup/eventually.mts';
import { SIGNED_IN, untilWaiting } from './exampleWorkflow.mts';

/** n8n checks once a minute for executions whose wait is over. Milliseconds. */
const LONGEST_UNTIL_FAILED_MS = 120_000;

/** The forms of the examples, as a signed-in person uses them. */
export class ExampleForms {
	readonly approvalForm: string;
	readonly supportForm: string;

	constructor(origin: string, supportForm: string) {
		this.approvalForm = `${origin}/form/approve-a-plan`;
		this.supportForm = supportForm;
	}

	/** Opens the approval form. @returns its second page, or its ending if no plan is waiting */
	async openApproval(name: string): Promise<{ url: string; page: string }> {
		const url = await nextPage(await submit(this.approvalForm, [name]));
		return { url, page: await pageAt(url) };
	}

	/** Decides on the second page. @returns the ending */
	async decide(url: string, decision: string): Promise<string> {
		const response = await submit(url, ['', decision]);
		assert.equal(response.status, 200);
		return await pageAt(url);
	}

	/** Submits the support form. @param values customer, device, day, action. @returns the ending */
	async askSupport(values: readonly string[]): Promise<string> {
		const url = await nextPage(await submit(this.supportForm, values));
		return await pageAt(url);
	}

	/** Submits the support form with values that make its workflow fail, so that there is no ending. */
	async failSupport(values: readonly string[]): Promise<void> {
		await this.untilFailed(await nextPage(await submit(this.supportForm, values)));
	}

	/** Waits until the execution behind a page has failed. */
	async untilFailed(url: string): Promise<void> {
		const status = new URL(url);
		status.pathname += '/n8n-execution-status';
		await eventually(
			async () => assert.equal(await (await fetch(status)).text(), 'error'),
			LONGEST_UNTIL_FAILED_MS,
		);
	}
}

/** Submits a page of a form. */
async function submit(url: string, values: readonly string[]): Promise<Response> {
	const body = new FormData();
	for (const [index, value] of values.entries()) {
		body.set(`field-${index}`, value);
	}
	return await fetch(url, { method: 'POST', body, headers: SIGNED_IN });
}

/** The address of the page after one that was submitted. */
async function nextPage(response: Response): Promise<string> {
	assert.equal(response.status, 200);
	const { formWaitingUrl } = (await response.json()) as { formWaitingUrl: string };
	return formWaitingUrl;
}

/** The page at an address, once its workflow waits there for the form. */
async function pageAt(url: string): Promise<string> {
	return await (await fetch(await untilWaiting(url), { headers: SIGNED_IN })).text();
}

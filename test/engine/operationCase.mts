import { expect } from '@jest/globals';
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { picked } from '../support/picked.mts';

/** One operation, what the user sets in it, and what comes of it. */
export interface OperationCase {
	operation: string;
	parameters: INodeParameters;
	/** What the service receives: Action and own parameters, in their types. */
	sent: IDataObject;
	/** What comes out. */
	json: IDataObject[];
}

/** Device D1 of product P, as the user names it. */
export const device = { productId: 'P', deviceName: picked('D1') };
/** The same, as the service names it. */
export const named = { ProductId: 'P', DeviceName: 'D1' };
/** What the output item of one request ends with. */
export const done = { RequestId: expect.any(String) as unknown as string, Attempts: 1 };

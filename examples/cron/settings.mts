/** Edit these settings for your own Sync, the query first of all. The others have the defaults of the node. */

/** All customers with all of their devices: a customer that is missing here counts as gone. */
export const ROWS = `
	SELECT customer_id AS "CustomerId", serial_no AS "CustomerDeviceNo", device_id AS "DeviceId", product AS "ProductName"
	FROM crm_customers JOIN crm_devices USING (customer_id)
	WHERE active
	ORDER BY customer_id, crm_devices.id`;

/** *Row Handling*: withholds every customer whose devices could be incomplete. */
export const ROW_HANDLING = {
	emptyCustomerId: 'automatic',
	emptyProductName: 'refuse',
	invalidRows: 'withhold',
	phoneIds: 'refuse',
	rowsWithoutDevice: 'refuse',
	severalDevices: 'refuse',
	sharedDevices: 'refuse',
	unusualCustomerIds: 'refuse',
} as const;

export const SYNC = {
	/** The name of the Sync in its tables; each name has its own state. */
	nodeKey: 'crm-to-iot',
	sendAll: false,
	pushAgainAfterDays: 7,
	longestRunMinutes: 0,
	dryRun: false,
	isManual: false,
	onWait: (ms: number) =>
		console.log(`Waiting ${Math.round(ms / 1000)} s for the heartbeat of an earlier run.`),
	onNotKept: () => console.error('The state could not be kept: the next run sends some customers again.'),
};

/** *Safety Checks*, percent. */
export const CHECKS = { stopAbovePercent: 20, stopWhenDevicesDropPercent: 3 };

export const REQUESTS = {
	concurrency: 10,
	/** The default of Tencent's cloud API. 2,000,000 customers take 28 hours. */
	requestsPerSecond: 20,
	maxAttempts: 3,
	timeoutMs: 30_000,
	isIdempotent: true,
	stopAtFailure: false,
	isDone: ({ Status }: { Status?: unknown }) => Status === 'OK',
	reads: [],
	host: {
		httpRequest: async () => await Promise.reject(new Error('Requests go through the pool.')),
		debug: () => undefined,
	},
};

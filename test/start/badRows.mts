/** The rows of crm-devices.csv that cannot be used, by number and field, as the file was made. */
export const badRows: ReadonlyArray<readonly [row: number, field: string]> = [
	// One device twice with different details, then an empty DeviceId; blanks only; no CustomerId.
	[2, 'DeviceId'],
	[7, 'DeviceId'],
	[8, 'DeviceId'],
	[37, 'DeviceId'],
	[41, 'CustomerId'],
	// Empty and blank serial numbers, a blank name, two empty fields, again no CustomerId, a row cut short.
	[63, 'CustomerDeviceNo'],
	[64, 'CustomerDeviceNo'],
	[76, 'ProductName'],
	[111, 'CustomerDeviceNo'],
	[111, 'ProductName'],
	[112, 'CustomerId'],
	[135, 'CustomerDeviceNo'],
	[135, 'DeviceId'],
	[135, 'ProductName'],
	// DeviceIds without a slash, with two, and with one side empty; between them CustomerIds of blanks and with
	// an invisible character.
	[158, 'DeviceId'],
	[177, 'DeviceId'],
	[180, 'CustomerId'],
	[192, 'DeviceId'],
	[213, 'DeviceId'],
	[232, 'DeviceId'],
	[240, 'DeviceId'],
	[247, 'CustomerId'],
	[258, 'DeviceId'],
	// Full-width slash, letters and digits; a tab within a CustomerId.
	[260, 'DeviceId'],
	[301, 'DeviceId'],
	[312, 'DeviceId'],
	[325, 'CustomerId'],
	// Invisible characters: zero-width space, BOM, direction, zero-width joiner.
	[327, 'DeviceId'],
	[340, 'CustomerDeviceNo'],
	[344, 'ProductName'],
	[352, 'DeviceId'],
	// A line break, a tab, neither CustomerId nor DeviceId, a bell.
	[381, 'DeviceId'],
	[395, 'CustomerDeviceNo'],
	[396, 'CustomerId'],
	[396, 'DeviceId'],
	[406, 'ProductName'],
	// One device under two customers, twice, and at last one with two descriptions.
	[414, 'DeviceId'],
	[445, 'DeviceId'],
	[461, 'DeviceId'],
	[477, 'DeviceId'],
	[485, 'DeviceId'],
	[499, 'DeviceId'],
	[500, 'DeviceId'],
];

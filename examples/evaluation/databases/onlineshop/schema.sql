-- A shop on the web: English names in camelCase, no declared foreign key, categories within categories.
CREATE TABLE customers (
  customerId INTEGER PRIMARY KEY, firstName TEXT NOT NULL, lastName TEXT NOT NULL, email TEXT NOT NULL, phoneNumber TEXT, city TEXT NOT NULL, country TEXT NOT NULL,
  signupDate DATE NOT NULL, birthYear INTEGER, newsletterOptIn INTEGER NOT NULL, loyaltyTier TEXT);
CREATE TABLE categories (categoryId INTEGER PRIMARY KEY, categoryName TEXT NOT NULL, parentCategoryId INTEGER);
CREATE TABLE brands (brandId INTEGER PRIMARY KEY, brandName TEXT NOT NULL, originCountry TEXT);
CREATE TABLE products (
  productId INTEGER PRIMARY KEY, productName TEXT NOT NULL, categoryId INTEGER NOT NULL, brandId INTEGER, listPrice NUMERIC(10, 2) NOT NULL,
  unitCost NUMERIC(10, 2) NOT NULL, weightGrams INTEGER, stockQuantity INTEGER NOT NULL, launchedOn DATE NOT NULL, discontinued INTEGER NOT NULL);
CREATE TABLE vouchers (voucherCode TEXT PRIMARY KEY, campaignName TEXT NOT NULL, percentOff INTEGER, amountOff INTEGER, validFrom DATE NOT NULL, validUntil DATE NOT NULL);
CREATE TABLE orders (
  orderId INTEGER PRIMARY KEY, customerId INTEGER NOT NULL, orderedAt TIMESTAMP NOT NULL, orderStatus TEXT NOT NULL, salesChannel TEXT NOT NULL,
  voucherCode TEXT, shippingFee NUMERIC(8, 2) NOT NULL);
CREATE TABLE orderLines (
  orderId INTEGER NOT NULL, lineNumber INTEGER NOT NULL, productId INTEGER NOT NULL, quantity INTEGER NOT NULL, unitPrice NUMERIC(10, 2) NOT NULL,
  lineTotal NUMERIC(12, 2) NOT NULL, PRIMARY KEY (orderId, lineNumber));
CREATE TABLE payments (paymentId INTEGER PRIMARY KEY, orderId INTEGER NOT NULL, paymentMethod TEXT NOT NULL, amount NUMERIC(12, 2) NOT NULL, paidAt TIMESTAMP, paymentStatus TEXT NOT NULL);
CREATE TABLE carriers (carrierId INTEGER PRIMARY KEY, carrierName TEXT NOT NULL, trackingUrl TEXT);
CREATE TABLE warehouses (warehouseId INTEGER PRIMARY KEY, warehouseName TEXT NOT NULL, city TEXT NOT NULL, floorAreaSqm INTEGER NOT NULL);
CREATE TABLE shipments (
  shipmentId INTEGER PRIMARY KEY, orderId INTEGER NOT NULL, carrierId INTEGER NOT NULL, warehouseId INTEGER NOT NULL, shippedOn DATE NOT NULL,
  promisedOn DATE NOT NULL, deliveredOn DATE);
CREATE TABLE reviews (reviewId INTEGER PRIMARY KEY, productId INTEGER NOT NULL, customerId INTEGER NOT NULL, stars INTEGER NOT NULL, reviewText TEXT, reviewedOn DATE NOT NULL);
CREATE TABLE returns (
  returnId INTEGER PRIMARY KEY, orderId INTEGER NOT NULL, lineNumber INTEGER NOT NULL, returnReason TEXT NOT NULL, requestedOn DATE NOT NULL,
  refundAmount NUMERIC(10, 2), refundedOn DATE);
CREATE TABLE wishlistItems (customerId INTEGER NOT NULL, productId INTEGER NOT NULL, addedOn DATE NOT NULL, PRIMARY KEY (customerId, productId));

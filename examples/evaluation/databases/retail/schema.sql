-- A retail chain's old system: abbreviated names, no declared foreign key, codes with code tables.
CREATE TABLE cust_mstr (cust_no INTEGER PRIMARY KEY, cust_nm TEXT, cust_typ_cd TEXT, addr_city TEXT, phone_no TEXT, reg_dt DATE, crdt_lmt NUMERIC(12, 2), actv_flg TEXT);
CREATE TABLE cust_typ (cust_typ_cd TEXT PRIMARY KEY, cust_typ_desc TEXT);
CREATE TABLE store_mstr (str_no INTEGER PRIMARY KEY, str_nm TEXT, rgn_cd TEXT, opn_dt DATE, sq_mtr INTEGER, mgr_emp_no INTEGER);
CREATE TABLE rgn (rgn_cd TEXT PRIMARY KEY, rgn_nm TEXT);
CREATE TABLE emp_mstr (emp_no INTEGER PRIMARY KEY, emp_nm TEXT, str_no INTEGER, job_ttl TEXT, hire_dt DATE, mthly_sal NUMERIC(10, 2));
CREATE TABLE prod_mstr (prod_cd TEXT PRIMARY KEY, prod_nm TEXT, cat_cd TEXT, vend_no INTEGER, unit_prc NUMERIC(10, 2), unit_cst NUMERIC(10, 2), disc_flg TEXT);
CREATE TABLE prod_cat (cat_cd TEXT PRIMARY KEY, cat_desc TEXT);
CREATE TABLE vend_mstr (vend_no INTEGER PRIMARY KEY, vend_nm TEXT, ctry TEXT, pmt_days INTEGER);
CREATE TABLE sls_hdr (sls_no INTEGER PRIMARY KEY, cust_no INTEGER, str_no INTEGER, emp_no INTEGER, sls_dt DATE, pay_mthd TEXT, tot_amt NUMERIC(12, 2));
CREATE TABLE sls_dtl (sls_no INTEGER, ln_no INTEGER, prod_cd TEXT, qty INTEGER, unit_prc NUMERIC(10, 2), PRIMARY KEY (sls_no, ln_no));
CREATE TABLE inv_onhand (str_no INTEGER, prod_cd TEXT, qty_oh INTEGER, reord_pt INTEGER, PRIMARY KEY (str_no, prod_cd));
CREATE TABLE ret_hdr (ret_no INTEGER PRIMARY KEY, sls_no INTEGER, ret_dt DATE, rsn_cd TEXT, rfnd_amt NUMERIC(10, 2));
CREATE TABLE ret_rsn (rsn_cd TEXT PRIMARY KEY, rsn_desc TEXT);

declare module "workerd" {
  /** Where the binary is. */
  const path: string;
  export default path;
}

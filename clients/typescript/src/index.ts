export { connect, type ConnectOptions } from "./connect.js";
export { follow, FollowError, type FollowOptions, type Subscriber } from "./follow.js";
export * from "./gql/graphql.js";
